-- set_tenant: some settings of a tenant change. Answers all of them, as they were and as they are.

if not note_tenant(args.id) then return { 'full' } end
local key = P .. 'tenant:' .. args.id
local before = redis.call('HGETALL', key)
if #args.set + #args.clear > 0 then
  if #args.clear > 0 then redis.call('HDEL', key, unpack(args.clear)) end
  redis.call('HSET', key, 'changed_at', whole(NOW), unpack(args.set))
  redis.call('ZADD', P .. 'tenants:changed', whole(redis.call('INCR', P .. 'tenants:change')), args.id)
  if args.is_metered then redis.call('SADD', P .. 'tenants:metered', args.id) end
  if args.is_policy then redis.call('ZADD', P .. 'policies:changed', whole(redis.call('INCR', P .. 'policies:change')), args.id) end
end
return { 'kept', before, redis.call('HGETALL', key) }
