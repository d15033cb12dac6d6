-- announce: an upload that a client makes by itself. Its object is reserved until it is completed or expires.
-- ARGV: prefix, tenant, id, object, ttl ms, fields of the file...
redis.call('HSET', file_key(ARGV[3]), 'tenant', ARGV[2], 'status', 'announced', 'object', ARGV[4], unpack(ARGV, 6))
redis.call('HSET', Q .. 'objects', ARGV[4], ARGV[3])
redis.call('ZADD', Q .. 'expiring', NOW + tonumber(ARGV[5]), ARGV[3])
return 1
