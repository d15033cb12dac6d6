-- traffic: submits that name no version are split between versions from now on, or no longer.

for _, version in ipairs(args.versions) do
  if redis.call('HEXISTS', P .. 'versions', version) == 0 then return { 'missing', version } end
end
redis.call('DEL', P .. 'tally', P .. 'judged')
if #args.versions == 0 then
  if redis.call('HDEL', P .. 'steer', 'traffic', 'guard') > 0 then note_steering({ type = 'traffic_ended' }) end
  return { 'done' }
end
for _, version in ipairs(args.versions) do redis.call('HDEL', P .. 'returned', version) end
redis.call('HSET', P .. 'steer', 'traffic', args.traffic, 'guard', args.guard or '')
note_steering({ type = 'traffic', shares = cjson.decode(args.traffic) })
return { 'done' }
