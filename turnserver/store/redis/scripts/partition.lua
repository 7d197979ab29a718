-- What the scripts of a partition begin with.
--
-- KEYS[1] is the partition, a hash:
--   m             what is known of it, packed: e epoch (told apart from earlier ones of the name), r revision (its commits),
--                 c when it was last committed, t its span, d documents {version, revision},
--                 s streams {first, next, revision}, w who waits for what: process -> names,
--                 k what it knows who is to be told the news as well: process -> {revision, nexts}
--   d<name>       a document
--   i<name> <n>   item n of a stream
--   p             in place of all that: this is an alias, and the partition is elsewhere
-- KEYS[2], a hash: its aliases -> epoch and id of the pointer, for as long as pointers may be left.

local function clock(given)
  if given >= 0 then return given end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function ends_ms(meta, opened_ms)
  return math.max(meta.c, opened_ms) + meta.t
end

local function found(now_ms, opened_ms)
  local packed = redis.call('HGET', KEYS[1], 'm')
  if not packed then return nil end
  local meta = cmsgpack.unpack(packed)
  if meta.t and ends_ms(meta, opened_ms) <= now_ms then
    redis.call('UNLINK', KEYS[1])  -- what one client was told is gone stays gone
    return nil
  end
  return meta
end

local function is_named(meta, alias)
  if alias == '' then return true end
  local id = redis.call('HGET', KEYS[2], alias)
  return id and string.sub(id, 1, #meta.e + 1) == meta.e .. ' '
end

local function counter(meta, name)
  local document, stream = meta.d[name], meta.s[name]
  return document and document[1] or stream and stream[2] or 0
end

-- Lua hands at most some thousand arguments to a call.
local function in_parts(list, step, call)
  for first = 1, #list, step do
    call(unpack(list, first, math.min(first + step - 1, #list)))
  end
end

local function nexts_of(meta)
  local nexts = {}
  for name, stream in pairs(meta.s) do
    nexts[name] = stream[2]
  end
  return nexts
end

-- What has changed since revision `rev`, for one who has the streams up to `nexts`.
local function news(meta, now_ms, epoch, rev, nexts)
  if meta.e ~= epoch then
    rev, nexts = 0, {}
  elseif meta.r == rev then
    return {1, now_ms}
  end
  local documents, streams, fields, values = {}, {}, {}, {}
  for name, document in pairs(meta.d) do
    if document[2] > rev then
      documents[#documents + 1] = name
      documents[#documents + 1] = document[1]
      fields[#fields + 1] = 'd' .. name
    end
  end
  for name, stream in pairs(meta.s) do
    if stream[3] > rev then
      local from = math.max(nexts[name] or 0, stream[1])
      for _, value in ipairs({name, stream[1], stream[2], from}) do
        streams[#streams + 1] = value
      end
      for offset = from, stream[2] - 1 do
        fields[#fields + 1] = 'i' .. name .. ' ' .. offset
      end
    end
  end
  in_parts(fields, 1000, function(...)
    for _, value in ipairs(redis.call('HMGET', KEYS[1], ...)) do
      values[#values + 1] = value
    end
  end)
  return {2, now_ms, meta.e, meta.r, documents, streams, values}
end

-- Ring those who wait for what has moved: whether this process has, and who else is to be told what has happened.
local function woken(meta, process, moved, is_end)
  local has_waited, hit = 0, {}
  for waiter, names in pairs(meta.w) do
    local is_hit = is_end
    for _, name in ipairs(names) do
      is_hit = is_hit or moved[name]
    end
    if is_hit then
      meta.w[waiter] = nil
      if waiter == process then
        has_waited = 1
      elseif meta.k and meta.k[waiter] and not is_end then
        hit[waiter] = meta.k[waiter]
      else
        redis.call('PUBLISH', 'turn:process:' .. waiter, KEYS[1])
      end
      if meta.k then meta.k[waiter] = nil end
    end
  end
  return has_waited, hit
end

-- Tell processes what has happened since the revision that they know, once it is written. The message begins with the
-- length of its head, four bytes; the head is packed: {key, revision since when, epoch, revision, documents, streams,
-- lengths of the values}; the values follow it.
local function tell(meta, now_ms, hit)
  for waiter, known in pairs(hit) do
    local told = news(meta, now_ms, meta.e, known[1], known[2])
    local lengths = {}
    for at, value in ipairs(told[7]) do
      lengths[at] = #value
    end
    local head = cmsgpack.pack({KEYS[1], known[1], meta.e, meta.r, told[5], told[6], lengths})
    redis.call('PUBLISH', 'turn:process:' .. waiter, struct.pack('>I4', #head) .. head .. table.concat(told[7]))
  end
end
