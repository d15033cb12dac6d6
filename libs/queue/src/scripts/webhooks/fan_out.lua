-- fan_out: an event leaves the outbox, and for each receiver there is a delivery, at once. Without an entry: a test, or what is about no
-- job; it may be asked for again. Answers 0 when somebody else did it before.

local job, tenant = args.job or '', args.tenant
if args.entry then
  if redis.call('ZREM', P .. 'outbox', args.entry) == 0 then return 0 end
  -- Nobody is told of it any more.
  if is_purged(job) then return 1 end
  redis.call('HINCRBY', job_key(job), 'owed', -1)
end
local function make(n, made)
  local delivery = { id = made.id, job = job, tenant = made.owner or tenant, lane = made.lane, status = '',
    created_us = whole(NOW_US + n) }
  redis.call('HSET', delivery_key(delivery.id), 'tenant', delivery.tenant, 'job', job, 'lane', delivery.lane,
    'created_at', whole(NOW), 'created_us', delivery.created_us, 'made', '0', 'total', '0', unpack(made.fields))
  if job ~= '' then redis.call('ZADD', P .. 'told:' .. job, delivery.created_us, delivery.id) end
  if made.status == 'pending' then
    wait(delivery)
    plan_lane(delivery.lane, NOW)
    count_owed(job, 1)
  else
    keep_ended(delivery, made.status, args.ended_kept)
  end
end

for n, made in ipairs(args.deliveries) do
  if args.entry or redis.call('EXISTS', delivery_key(made.id)) == 0 then make(n, made) end
end
return 1
