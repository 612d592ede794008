-- An attempt does not count. ARGV: its name.
if redis.call('ZREM', KEYS[3], ARGV[1]) == 1 then
    redis.call('ZREM', KEYS[1], ARGV[1])
end
return 0
