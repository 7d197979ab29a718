-- What is in a partition, or what has changed in it.
-- ARGV[1]: {now or -1, opened, alias or '', known epoch, known revision, known nexts}

local ask = cmsgpack.unpack(ARGV[1])
local now_ms = clock(ask[1])
local meta = found(now_ms, ask[2])
if not meta then
  return {0, now_ms, redis.call('HGET', KEYS[1], 'p')}
end
if not is_named(meta, ask[3]) then return {3, now_ms} end
return news(meta, now_ms, ask[4], ask[5], ask[6])
