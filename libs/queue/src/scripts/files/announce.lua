-- announce: an upload that a client makes by itself. Its object is reserved until it is completed or expires.

if is_barred(args.tenant) then return end
redis.call('HSET', file_key(args.id), 'tenant', args.tenant, 'status', 'announced', 'object', args.object,
  'size', whole(args.size), 'announced', whole(args.size), unpack(args.fields))
count_bytes(args.size)
redis.call('HSET', Q .. 'objects', args.object, args.id)
redis.call('ZADD', Q .. 'expiring', NOW + args.ttl, args.id)
