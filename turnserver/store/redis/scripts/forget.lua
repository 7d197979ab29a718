-- Forget aliases of a partition that is over. ARGV: alias, epoch and id as they were, …
-- Answers with those that were given again meanwhile: alias, epoch and id as they are, …

local again = {}
for at = 1, #ARGV, 2 do
  local id = redis.call('HGET', KEYS[2], ARGV[at])
  if id == ARGV[at + 1] then
    redis.call('HDEL', KEYS[2], ARGV[at])
  elseif id then
    again[#again + 1] = ARGV[at]
    again[#again + 1] = id
  end
end
return again
