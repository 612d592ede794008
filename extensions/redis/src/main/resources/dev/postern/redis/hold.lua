-- ARGV: start and end of the period, limit (-1: none), lease in milliseconds, id, units.
-- Returns now, period, used, held, and what the id holds: 0 when it was refused.
local start, limit, units = tonumber(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[6])
if now < start or now >= tonumber(ARGV[2]) then
    return {now, period, used, held, 0}
end
turn(start)
expire()
local total = 0
if limit < 0 or units <= limit - used - held then
    lasting = lasting or held == 0
    held = held + units
    total = redis.call('HINCRBY', KEYS[2], ARGV[5], units)
    redis.call('ZADD', KEYS[3], now + tonumber(ARGV[4]), ARGV[5])
end
write()
return {now, period, used, held, total}
