-- ARGV: id, units that become used (0 gives everything back). Returns now, period, used, held.
expire()
local units = redis.call('HGET', KEYS[2], ARGV[1])
if units then
    held = held - tonumber(units)
    redis.call('HDEL', KEYS[2], ARGV[1])
    redis.call('ZREM', KEYS[3], ARGV[1])
    used = used + math.min(tonumber(units), tonumber(ARGV[2]))
end
write() -- also when there was nothing to settle: it may just have expired
return {now, period, used, held}
