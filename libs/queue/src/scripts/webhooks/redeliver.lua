-- redeliver: a delivery is due at once, with all its tries before it again. `purged`: the retention of
-- its job is over.

local delivery = read_delivery(args.id)
if delivery.status == '' or delivery.tenant ~= args.tenant then return 'missing' end
if delivery.job ~= '' and is_purged(delivery.job) then return 'purged' end
if delivery.status ~= 'pending' then
  redis.call('ZREM', delivery_index(delivery.tenant, delivery.status), delivery.id)
  redis.call('ZREM', P .. 'forget', delivery.id)
  count_owed(delivery.job, 1)
end
redis.call('HSET', delivery_key(delivery.id), 'made', '0')
wait(delivery)
plan_lane(delivery.lane, 0)
return 'pending'
