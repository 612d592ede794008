-- ARGV: lease in milliseconds, whether to hold again what was lost (1 or 0), then id and units of each.
-- Returns the places (1, 2, ...) of those that were lost.
local lost = {}
for i = 3, #ARGV, 2 do
    local id, units = ARGV[i], tonumber(ARGV[i + 1])
    local there = redis.call('HEXISTS', KEYS[2], id) == 1
    if not there then
        table.insert(lost, (i - 1) / 2)
        if ARGV[2] == '1' then
            redis.call('HSET', KEYS[2], id, units)
            held = held + units
            there = true
        end
    end
    if there then
        redis.call('ZADD', KEYS[3], now + tonumber(ARGV[1]), id)
    end
end
expire() -- after the renewals: after an outage, what nobody has taken is the one's that still holds it
lasting = true
write()
return lost
