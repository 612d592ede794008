-- Returns now, period, used, held.
expire()
write()
return {now, period, used, held}
