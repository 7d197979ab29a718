-- How many names an index has, and some that are due for review, now due again a little later unless they are reviewed.
-- KEYS[1]: the index, a sorted set: name -> when to look at it. ARGV: now or -1, milliseconds until due again, how many
-- Answers {count, when due again, name, …}

local now_ms = tonumber(ARGV[1])
if now_ms < 0 then
  local time = redis.call('TIME')
  now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
end
local again_ms = now_ms + ARGV[2]
local answer = {redis.call('ZCARD', KEYS[1]), again_ms}
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now_ms, 'LIMIT', 0, ARGV[3])) do
  redis.call('ZADD', KEYS[1], again_ms, name)
  answer[#answer + 1] = name
end
return answer
