-- ARGV: failures, window and block in milliseconds, a name for this attempt, the milliseconds until it counts as failed.
-- Returns 0 when it has begun, 1 when others that are not decided fill the rule, 2 when the address is blocked.
if redis.call('EXISTS', KEYS[2]) == 1 then
    return 2
end
local found = room(tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3])
if found == 0 then
    redis.call('ZADD', KEYS[1], now, ARGV[4])
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    redis.call('ZADD', KEYS[3], now + tonumber(ARGV[5]), ARGV[4])
    redis.call('PEXPIRE', KEYS[3], ARGV[5])
end
return found
