-- What each script begins with. A ledger is three keys of one hash tag, so that a cluster has them in one place:
-- KEYS[1] hash: period, used, held; KEYS[2] hash: units by id; KEYS[3] sorted set: ids by the end of their lease.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local counts = redis.call('HMGET', KEYS[1], 'period', 'used', 'held')
local period, used, held = tonumber(counts[1] or '0'), tonumber(counts[2] or '0'), tonumber(counts[3] or '0')
local lasting = false -- whether to say anew how long the keys live

local function turn(start)
    if start > period then
        period, used, held, lasting = start, 0, 0, true
        redis.call('DEL', KEYS[2], KEYS[3])
    end
end

local function expire()
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, 1000)) do
        local units = redis.call('HGET', KEYS[2], id)
        redis.call('ZREM', KEYS[3], id)
        if units then
            redis.call('HDEL', KEYS[2], id)
            held = held - tonumber(units)
        end
    end
end

-- A ledger without period (of sessions) goes with its last hold, or a day after the last renewal, of which there are several
-- in an hour: of a node that died. The others go 100 days after something was first held or last renewed.
local function write()
    if period == 0 and held == 0 then
        redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
    else
        redis.call('HSET', KEYS[1], 'period', period, 'used', used, 'held', held)
        if lasting then
            local seconds = period == 0 and 86400 or 8640000
            redis.call('EXPIRE', KEYS[1], seconds)
            redis.call('EXPIRE', KEYS[2], seconds)
            redis.call('EXPIRE', KEYS[3], seconds)
        end
    end
end
