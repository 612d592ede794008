-- What the scripts of revocations begin with. KEYS[1] sorted set of kind and name, with a colon between, by the moment.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
