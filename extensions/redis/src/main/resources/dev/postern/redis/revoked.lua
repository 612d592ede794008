-- ARGV: milliseconds to look back. Returns now, then each kind and name with its moment.
local found = {tostring(now)}
for _, each in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], now - tonumber(ARGV[1]), '+inf', 'WITHSCORES')) do
    table.insert(found, each)
end
return found
