-- look: some of a record and a part of its log, as they are in one moment. Writes nothing. A transaction would do too, but
-- Redis takes none when it is full.

local key = events_key(args.id)
return { redis.call('HMGET', job_key(args.id), unpack(args.fields)),
  redis.call('XRANGE', key, args.from, '+', 'COUNT', args.count), redis.call('XRANGE', key, '-', '+', 'COUNT', 1),
  redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1) }
