-- begin: something is about to be done.

write_lost(args.kept, args.most)
redis.call('ZADD', BEGUN, whole(NOW), args.id)
redis.call('HSET', OPEN, args.id, (args.tag or '') .. ' ' .. args.entry)
