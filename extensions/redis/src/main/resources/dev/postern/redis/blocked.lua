-- KEYS[2] the block of an address.
return redis.call('EXISTS', KEYS[2])
