-- publish: a worker has a model ready. ARGV: prefix, manifest JSON, worker, ms after which a silent worker is forgotten
redis.call('SET', P .. 'manifest', ARGV[2])
redis.call('ZADD', P .. 'workers', whole(NOW), ARGV[3])
redis.call('ZREMRANGEBYSCORE', P .. 'workers', '-inf', whole(NOW - tonumber(ARGV[4])))
