-- erase: a page of the keys of a tenant. `revoke`: they end, and with the last of them goes what was set for the tenant. `forget`: nothing
-- of them is left. `count`: nothing is done. Answers whether there is more.

local part = P .. 'erasure:' .. args.id
if args.step == 'count' then
  redis.call('HSET', part, 'keys', redis.call('ZCARD', index_of(args.tenant)))
  return 0
end
local from = args.step == 'revoke' and args.from or 0
local ids = redis.call('ZRANGE', index_of(args.tenant), from, from + PAGE - 1)
for _, id in ipairs(ids) do
  if args.step == 'forget' then
    redis.call('DEL', key_of(id))
    redis.call('ZREM', P .. 'all', id)
    redis.call('ZREM', P .. 'ended', id)
    redis.call('ZREM', index_of(args.tenant), id)
    redis.call('HINCRBY', part, 'keys', 1)
    tell(id)
  elseif redis.call('HSETNX', key_of(id), 'revoked_at', whole(NOW)) == 1 then
    ends_at(id, NOW)
    tell(id)
  end
end
if #ids == PAGE then return 1 end
-- Nobody is to tell it to a shard that has forgotten the tenant already.
if args.step == 'revoke' then
  redis.call('DEL', P .. 'tenant:' .. args.tenant)
  redis.call('ZREM', P .. 'tenants:changed', args.tenant)
  redis.call('ZREM', P .. 'policies:changed', args.tenant)
  redis.call('SREM', P .. 'tenants:metered', args.tenant)
else
  redis.call('ZREM', P .. 'tenants', args.tenant)
end
return 0
