-- A failed login. KEYS[1] sorted set of failures, KEYS[2] the block. ARGV: failures, window and block in milliseconds,
-- a name for this failure.
if redis.call('EXISTS', KEYS[2]) == 1 then
    return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
redis.call('ZADD', KEYS[1], now, ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then
    redis.call('DEL', KEYS[1])
    redis.call('SET', KEYS[2], 1, 'PX', ARGV[3])
end
return 1
