-- Whether a partition lives: {1, now, when it ends or -1}, or {0, now, its aliases with their epochs and ids}.
-- ARGV[1]: {now or -1, opened}

local ask = cmsgpack.unpack(ARGV[1])
local now_ms = clock(ask[1])
local meta = found(now_ms, ask[2])
if not meta then return {0, now_ms, redis.call('HGETALL', KEYS[2])} end
return {1, now_ms, meta.t and ends_ms(meta, ask[2]) or -1}
