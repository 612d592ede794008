-- ARGV: start of the period, ADD or SET, units. Returns now, period, used, held.
turn(tonumber(ARGV[1]))
if ARGV[2] == 'SET' then
    used = tonumber(ARGV[3])
else
    used = math.max(0, used + tonumber(ARGV[3]))
end
used = math.min(used, 9223372036854774784) -- the largest number of Lua's that an integer reply can say
lasting = true
write()
return {now, period, used, held}
