-- halt: the part of an action in this shard does nothing more, whoever was about to.

redis.call('HSET', part_key(args.id), 'ended', '1')
