-- end_try: what became of a leased delivery. Ignored when the lease is not its present one: somebody else has it now.
-- ARGV: prefix, id, lease, outcome, delay ms, ended ones to keep, tries JSON, tries of this round, tries in all, host
--   outcome: 'delivered' | 'failed' | 'skipped': it has ended; 'again': a try failed, the next one is due after the delay;
--   'later': no try was made, and it is due after the delay; 'lane': the same for all of its lane
-- Answers 1, or 0 when ignored.
local id, outcome, delay = ARGV[2], ARGV[4], tonumber(ARGV[5])
local delivery = read_delivery(id)
local lane_key = P .. 'lane:' .. delivery.lane
local lease = redis.call('ZSCORE', lane_key, id)
if not lease or tonumber(lease) ~= tonumber(ARGV[3]) then return 0 end
-- Purged by an older version, which left its deliveries behind.
if delivery.job ~= '' and is_purged(delivery.job) then
  withdraw(delivery)
  return 1
end
redis.call('HSET', delivery_key(id), 'tries', ARGV[7], 'made', ARGV[8], 'total', ARGV[9], 'host', ARGV[10])
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
  keep_ended(delivery, outcome, tonumber(ARGV[6]))
  count_owed(delivery.job, -1)
end
plan_lane(delivery.lane, 0)
return 1
