-- withdraw: a worker has a version of a model no more.

redis.call('ZREM', P .. 'workers', args.worker)
redis.call('HDEL', P .. 'places', args.worker)
redis.call('ZREM', P .. 'workers:' .. args.version, args.worker)
for _, line in ipairs(args.lines) do redis.call('ZREM', P .. 'serving:' .. line, args.worker) end
