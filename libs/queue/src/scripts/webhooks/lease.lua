-- lease: takes due deliveries of a lane for a while; who dies meanwhile has them taken again afterwards.
-- ARGV: prefix, lane, how many at most, lease ms, pause of the lane ms when more are due
-- Answers {now, lease, {{id, delivery, job}...}}; the lease is what a result must show.
local lane_key = P .. 'lane:' .. ARGV[2]
local lease = whole(NOW + tonumber(ARGV[4]))
local leased = {}
for i, id in ipairs(redis.call('ZRANGEBYSCORE', lane_key, '-inf', whole(NOW), 'LIMIT', 0, ARGV[3])) do
  redis.call('ZADD', lane_key, lease, id)
  local job = redis.call('HGET', delivery_key(id), 'job') or ''
  local record = {}
  if job ~= '' then
    record = redis.call('HMGET', job_key(job), 'status', 'kind', 'model', 'metadata', 'created_at')
  end
  leased[i] = { id, redis.call('HGETALL', delivery_key(id)), record }
end
plan_lane(ARGV[2], NOW + tonumber(ARGV[5]))
return { whole(NOW), lease, leased }
