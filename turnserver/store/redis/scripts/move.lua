-- The usual commit: write one document, append to one stream, release of another; if the document and one further document
-- are as they are expected. The document ends with how many items that other stream has had, as it is now.
-- ARGV: now or -1, opened, process, known epoch, known revision, span, document, its version, value but for its end,
--       outbound, its next, inbound, its next, release, further document, its version, item, …
-- Answers as commit does: {4, now, news or nil} refused, {5, now, revision, own process waited (0, 1),
--         news or nil where nothing came between}.
-- It is run for nearly every update, so what is seldom needed of partition.lua is made only then: `partition()` makes it.

local key, process, epoch, known = KEYS[1], ARGV[3], ARGV[4], tonumber(ARGV[5])
local document, outbound, inbound, upto = ARGV[7], ARGV[10], ARGV[12], tonumber(ARGV[14])

local now_ms = tonumber(ARGV[1])
if now_ms < 0 then
  local time = redis.call('TIME')
  now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
end

local packed = redis.call('HGET', key, 'm')
local meta = packed and cmsgpack.unpack(packed)
if not meta or meta.e ~= epoch or (meta.t and math.max(meta.c, tonumber(ARGV[2])) + meta.t <= now_ms) then
  return {4, now_ms, false}  -- if it is over, who reads it will see to that
end
local documents, streams = meta.d, meta.s

local function told()
  local news = partition()
  return news(meta, now_ms, epoch, known, {[outbound] = tonumber(ARGV[11]), [inbound] = tonumber(ARGV[13])})
end

local written, stream, further = documents[document], streams[inbound], documents[ARGV[15]]
if not (written and written[1] == tonumber(ARGV[8]) and further and further[1] == tonumber(ARGV[16])) then
  return {4, now_ms, told()}
end

local is_known, rev = meta.r == known, meta.r + 1
meta.r, meta.c, meta.t = rev, now_ms, tonumber(ARGV[6])
written[1], written[2] = written[1] + 1, rev

if stream and upto > stream[1] then
  upto = math.min(upto, stream[2])
  if upto == stream[1] + 1 then
    redis.call('HDEL', key, 'i' .. inbound .. ' ' .. stream[1])
  else
    local gone = {}
    for offset = stream[1], upto - 1 do
      gone[#gone + 1] = 'i' .. inbound .. ' ' .. offset
    end
    local _, _, _, in_parts = partition()
    in_parts(gone, 1000, function(...) redis.call('HDEL', key, ...) end)
  end
  stream[1], stream[3] = upto, rev
end

local value = ARGV[9] .. cmsgpack.pack(stream and stream[2] or 0)
local sets, has_items = {'d' .. document, value}, #ARGV > 16
if has_items then
  stream = streams[outbound] or {0, 0}
  for at = 17, #ARGV do
    sets[#sets + 1] = 'i' .. outbound .. ' ' .. stream[2]
    sets[#sets + 1] = ARGV[at]
    stream[2] = stream[2] + 1
  end
  stream[3] = rev
  streams[outbound] = stream
end

local has_waited, hit = 0, nil
if next(meta.w) then
  local _, woken = partition()
  has_waited, hit = woken(meta, process, {[document] = true, [outbound] = has_items}, false)
end
sets[#sets + 1] = 'm'
sets[#sets + 1] = cmsgpack.pack(meta)
redis.call('HSET', key, unpack(sets))
if hit then
  local _, _, tell = partition()
  tell(meta, now_ms, hit)
end
return {5, now_ms, rev, has_waited, not is_known and told()}
