-- resume: what pause.lua has stopped is given out again, and workers are woken for it.

redis.call('HDEL', P .. 'paused', args.what)
for _, line in ipairs(redis.call('HKEYS', P .. 'lines')) do ring(line) end
