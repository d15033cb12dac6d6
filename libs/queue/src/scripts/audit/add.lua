-- add: an entry of the audit. What was begun has ended.

write_lost(args.kept, args.most)
write(args.id, redis.call('ZSCORE', BEGUN, args.id) or whole(NOW), args.entry, args.tag or '', args.kept, args.most)
forget(args.id)
