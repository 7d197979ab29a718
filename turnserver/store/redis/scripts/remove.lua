-- Take a name out of an index, unless somebody else has put it there since. ARGV: name, when it was due again

local due_ms = redis.call('ZSCORE', KEYS[1], ARGV[1])
if due_ms and tonumber(due_ms) == tonumber(ARGV[2]) then
  redis.call('ZREM', KEYS[1], ARGV[1])
end
return redis.call('ZCARD', KEYS[1])
