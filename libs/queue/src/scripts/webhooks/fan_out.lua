-- fan_out: an event leaves the outbox, and for each receiver there is a delivery, at once. Without an entry: a test.
-- ARGV: prefix, outbox entry or '', job id or '', tenant, ended ones to keep, number of deliveries, then for each:
--   id, lane, 'pending' or 'skipped', field count, fields...
-- Answers 1, or 0 when somebody else did it before.
local entry, job, tenant, most = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
if entry ~= '' then
  if redis.call('ZREM', P .. 'outbox', entry) == 0 then return 0 end
  -- Nobody is told of it any more.
  if is_purged(job) then return 1 end
  redis.call('HINCRBY', job_key(job), 'owed', -1)
end
local at = 7
for n = 1, tonumber(ARGV[6]) do
  local count = tonumber(ARGV[at + 3])
  local delivery = { id = ARGV[at], job = job, tenant = tenant, lane = ARGV[at + 1], status = '',
    created_us = whole(NOW_US + n) }
  local fields = {}
  for i = 1, count do fields[i] = ARGV[at + 3 + i] end
  redis.call('HSET', delivery_key(delivery.id), 'tenant', tenant, 'job', job, 'lane', delivery.lane,
    'created_at', whole(NOW), 'created_us', delivery.created_us, 'made', '0', 'total', '0', unpack(fields))
  if job ~= '' then redis.call('ZADD', P .. 'told:' .. job, delivery.created_us, delivery.id) end
  if ARGV[at + 2] == 'pending' then
    wait(delivery)
    plan_lane(delivery.lane, NOW)
    count_owed(job, 1)
  else
    keep_ended(delivery, ARGV[at + 2], most)
  end
  at = at + 4 + count
end
return 1
