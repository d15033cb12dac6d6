-- set_tenant: some settings of a tenant change. Answers all of them, as they were and as they are.

if not note_tenant(args.id) then return { 'full' } end
local key = P .. 'tenant:' .. args.id
local before = redis.call('HGETALL', key)
if #args.set + #args.clear > 0 then
  if #args.clear > 0 then redis.call('HDEL', key, unpack(args.clear)) end
  redis.call('HSET', key, 'changed_at', whole(NOW), unpack(args.set))
  note_change('tenants', args.id)
  if args.is_metered then redis.call('SADD', P .. 'tenants:metered', args.id) end
  if args.is_policy then note_change('policies', args.id) end
end
return { 'kept', before, redis.call('HGETALL', key) }
