-- publish: a worker has a model ready.

redis.call('SET', P .. 'manifest', args.manifest)
redis.call('ZADD', P .. 'workers', whole(NOW), args.worker)
redis.call('ZREMRANGEBYSCORE', P .. 'workers', '-inf', whole(NOW - WORKER_KEPT_MS))
