-- lease: takes due deliveries of a lane for a while; who dies meanwhile has them taken again afterwards.
-- The lease is what a result must show.

local lane_key = P .. 'lane:' .. args.lane
local lease = whole(NOW + args.lease)
local leased = {}
for i, id in ipairs(redis.call('ZRANGEBYSCORE', lane_key, '-inf', whole(NOW), 'LIMIT', 0, args.count)) do
  redis.call('ZADD', lane_key, lease, id)
  local job = redis.call('HGET', delivery_key(id), 'job') or ''
  local record = {}
  if job ~= '' then
    record = redis.call('HMGET', job_key(job), unpack(args.told))
  end
  leased[i] = { id, redis.call('HGETALL', delivery_key(id)), record }
end
plan_lane(args.lane, NOW + LANE_PAUSE_MS)
return { whole(NOW), lease, leased }
