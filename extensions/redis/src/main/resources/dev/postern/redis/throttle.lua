-- What the scripts of logins begin with. KEYS[1] sorted set of attempts by their beginning, KEYS[2] the block, KEYS[3]
-- sorted set of attempts that are not decided, by when they count as failed.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Whether there is room for a failure more: 0 yes, 1 not before one is decided, 2 no. Then the block begins.
local function room(failures, window, block)
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
    redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
    if redis.call('ZCARD', KEYS[1]) < failures then
        return 0
    elseif redis.call('ZCARD', KEYS[3]) > 0 then
        return 1
    end
    redis.call('DEL', KEYS[1])
    redis.call('SET', KEYS[2], 1, 'PX', block)
    return 2
end
