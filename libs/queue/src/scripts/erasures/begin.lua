-- begin: an erasure has a part in this shard from now on. `bar`: nothing new of the tenant is kept here for so long. `waits`: a set of
-- those for which the batches of the tenant have to be looked through.

local key = part_key(args.id)
if redis.call('EXISTS', key) == 0 then
  redis.call('HSET', key, 'tenant', args.tenant, 'dry', args.dry and '1' or '', 'stage', 'jobs', 'at', '0', 'at_id', '', 'cursor', '0',
    'to', whole(args.filter and NOW_US or NEVER))
  if args.filter then redis.call('HSET', key, 'filter', args.filter) end
  if args.waits and redis.call('EXISTS', P .. 'of:' .. args.tenant) == 1 then redis.call('SADD', P .. args.waits, args.id) end
end
if args.bar then bar(args.tenant, args.bar) end
