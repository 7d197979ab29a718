-- Take a pointer away if it is still this one. ARGV: id, name of the partition

if redis.call('HGET', KEYS[1], 'p') == ARGV[1] .. ' ' .. ARGV[2] then
  redis.call('HDEL', KEYS[1], 'p')
end
return 1
