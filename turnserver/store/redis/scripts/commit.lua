-- Carry a batch out, whole or not at all.
-- ARGV[1]: {now or -1, opened, alias or '', known epoch, known revision, known nexts, process, new epoch, announced until or -1,
--           stale pointer or '', span or -1, is the end (0, 1), expect, documents, streams {name, count, …}, release,
--           aliases {alias, id, …}, drops, watch}; then the documents, then the items.
-- Answers {4, now, news} refused, {6, now} to be announced first, {7, now, pointer} it is elsewhere, {8, now} nothing to do,
--         {3, now} led astray,
--         {5, now, epoch, revision, own process waited (0, 1), dropped aliases and ids, news or nil where nothing came between}.

local ask = cmsgpack.unpack(ARGV[1])
local now_ms = clock(ask[1])
local process, is_end, expect, puts, appends = ask[7], ask[12] == 1, ask[13], ask[14], ask[15]
local releases, aliases, drops, watch = ask[16], ask[17], ask[18], ask[19]
local meta = found(now_ms, ask[2])

if meta then
  if not is_named(meta, ask[3]) then return {3, now_ms} end
else
  if ask[3] ~= '' then return {3, now_ms} end
  local pointer = redis.call('HGET', KEYS[1], 'p')
  if pointer and pointer ~= ask[10] then return {7, now_ms, pointer} end
end

for name, expected in pairs(expect) do
  if (meta and counter(meta, name) or 0) ~= expected then
    for at = 1, #aliases, 2 do  -- the pointers are there already: note them, so that they go when the partition goes
      redis.call('HSETNX', KEYS[2], aliases[at], '- ' .. aliases[at + 1])
    end
    return {4, now_ms, meta and news(meta, now_ms, ask[4], ask[5], ask[6]) or {0, now_ms, false}}
  end
end

if not meta then
  if is_end or (#puts == 0 and #appends == 0) then return {8, now_ms} end
  if ask[9] < now_ms then return {6, now_ms} end
  redis.call('HDEL', KEYS[1], 'p')
  meta = {e = ask[8], r = 0, d = {}, s = {}, w = {}}
  ask[4], ask[5] = ask[8], 0
end

local is_known = ask[4] == meta.e and ask[5] == meta.r
meta.r = meta.r + 1
meta.c = now_ms
if ask[11] >= 0 then meta.t = ask[11] end

local moved, sets, argument = {}, {}, 1
local function set(field)
  argument = argument + 1
  sets[#sets + 1] = field
  sets[#sets + 1] = ARGV[argument]
end
for _, name in ipairs(puts) do
  local document = meta.d[name]
  meta.d[name] = {document and document[1] + 1 or 1, meta.r}
  moved[name] = true
  set('d' .. name)
end
local gone = {}
for name, upto in pairs(releases) do
  local stream = meta.s[name]
  if stream and upto > stream[1] then
    upto = math.min(upto, stream[2])
    for offset = stream[1], upto - 1 do
      gone[#gone + 1] = 'i' .. name .. ' ' .. offset
    end
    stream[1], stream[3] = upto, meta.r
  end
end
for at = 1, #appends, 2 do
  local name = appends[at]
  local stream = meta.s[name] or {0, 0}
  for _ = 1, appends[at + 1] do
    set('i' .. name .. ' ' .. stream[2])
    stream[2] = stream[2] + 1
  end
  stream[3] = meta.r
  meta.s[name] = stream
  moved[name] = true
end

local has_waited, hit = woken(meta, process, moved, is_end)

if #watch > 0 then
  local names, is_listed = meta.w[process] or {}, {}
  for _, name in ipairs(names) do
    is_listed[name] = true
  end
  for _, name in ipairs(watch) do
    if not is_listed[name] then names[#names + 1] = name end
  end
  meta.w[process] = names
  meta.k = meta.k or {}
  meta.k[process] = {meta.r, nexts_of(meta)}
end

if is_end then
  redis.call('UNLINK', KEYS[1])
  return {5, now_ms, meta.e, meta.r, has_waited, {}, false}
end

in_parts(gone, 1000, function(...) redis.call('HDEL', KEYS[1], ...) end)
sets[#sets + 1] = 'm'
sets[#sets + 1] = cmsgpack.pack(meta)
in_parts(sets, 1000, function(...) redis.call('HSET', KEYS[1], ...) end)

local dropped = {}
for at = 1, #aliases, 2 do
  redis.call('HSET', KEYS[2], aliases[at], meta.e .. ' ' .. aliases[at + 1])
end
for _, alias in ipairs(drops) do
  local id = redis.call('HGET', KEYS[2], alias)
  if id then
    redis.call('HDEL', KEYS[2], alias)
    dropped[#dropped + 1] = alias
    dropped[#dropped + 1] = string.match(id, ' (.*)')
  end
end

tell(meta, now_ms, hit)
return {5, now_ms, meta.e, meta.r, has_waited, dropped, not is_known and news(meta, now_ms, ask[4], ask[5], ask[6])}
