-- begin: an erasure has a part in this shard from now on. `bar`: nothing new of the tenant is kept here for so long.

local key = part_key(args.id)
if redis.call('EXISTS', key) == 0 then
  redis.call('HSET', key, 'tenant', args.tenant, 'dry', args.dry and '1' or '', 'stage', 'jobs', 'at', '0', 'at_id', '', 'cursor', '0',
    'to', whole(args.filter and NOW_US or NEVER))
  if args.filter then redis.call('HSET', key, 'filter', args.filter) end
end
if args.bar then bar(args.tenant, args.bar) end
