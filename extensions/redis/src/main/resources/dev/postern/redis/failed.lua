-- An attempt has failed. ARGV: failures, window and block in milliseconds, the attempt's name.
if redis.call('ZREM', KEYS[3], ARGV[4]) == 1 and redis.call('EXISTS', KEYS[2]) == 0 then
    room(tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3])
end
return 0
