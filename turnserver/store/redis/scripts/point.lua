-- Let an alias point to a partition; one that does already stays as it is. Answers with the pointer's id.
-- ARGV: new id, name of the partition

local id, name = string.match(redis.call('HGET', KEYS[1], 'p') or '', '([^ ]*) (.*)')
if name == ARGV[2] then return id end
redis.call('HSET', KEYS[1], 'p', ARGV[1] .. ' ' .. ARGV[2])
return ARGV[1]
