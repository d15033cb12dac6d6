-- end_try: what became of a leased delivery. Ignored when the lease is not its present one: somebody else has it now.
--   outcome: 'delivered' | 'failed' | 'skipped': it has ended; 'again': a try failed, the next one is due after the delay;
--   'later': no try was made, and it is due after the delay; 'lane': the same for all of its lane

local id, outcome, delay = args.id, args.outcome, args.delay
local delivery = read_delivery(id)
local lane_key = P .. 'lane:' .. delivery.lane
local lease = redis.call('ZSCORE', lane_key, id)
if not lease or tonumber(lease) ~= args.lease then return 0 end
-- Purged by an older version, which left its deliveries behind.
if delivery.job ~= '' and is_purged(delivery.job) then
  withdraw(delivery)
  return 1
end
redis.call('HSET', delivery_key(id), 'tries', args.tries, 'made', args.made, 'total', args.total, 'host', args.host)
if outcome == 'lane' then
  redis.call('ZADD', lane_key, whole(NOW), id)
  redis.call('HSET', delivery_key(id), 'next_at', whole(NOW + delay))
  plan_lane(delivery.lane, NOW + delay)
  return 1
end
if outcome == 'again' or outcome == 'later' then
  redis.call('ZADD', lane_key, whole(NOW + delay), id)
  redis.call('HSET', delivery_key(id), 'next_at', whole(NOW + delay))
else
  redis.call('ZREM', lane_key, id)
  redis.call('ZREM', P .. 'undelivered', id)
  redis.call('ZREM', delivery_index(delivery.tenant, 'pending'), id)
  -- Nobody reads a log of what went to the hook of the operator, and no erasure of a tenant would find it there.
  if delivery.tenant == HOOK_OWNER then forget(delivery) else keep_ended(delivery, outcome, args.ended_kept) end
  count_owed(delivery.job, -1)
end
plan_lane(delivery.lane, 0)
return 1
