-- open: an action is to be done. So many of a tenant may go on at once; of those that ended the newest are known.

if is_barred(args.tenant) then return { 'barred' } end
if (tonumber(redis.call('HGET', P .. 'open_of', args.tenant)) or 0) >= MOST_OPEN_ACTIONS then return { 'limited' } end
redis.call('HSET', note_key(args.id), 'tenant', args.tenant, 'filter', args.filter, 'action', args.action, 'dry', args.dry and '1' or '',
  'models', args.models, 'expect', args.expect or '', 'status', 'counting', 'created_at', whole(NOW))
redis.call('ZADD', P .. 'open', whole(NOW), args.id)
-- Whoever asked is to hear of the count.
redis.call('SET', P .. 'taken:' .. args.id, args.process, 'PX', ACTION_TAKEN_MS)
redis.call('HINCRBY', P .. 'open_of', args.tenant, 1)

local all = P .. 'of:' .. args.tenant
redis.call('ZREMRANGEBYSCORE', all, '-inf', whole(NOW_US - ACTION_KEPT_SECONDS * SECOND_US))
for _, id in ipairs(redis.call('ZRANGE', all, 0, -MOST_ACTIONS)) do
  if not is_going(redis.call('HGET', note_key(id), 'status')) then
    redis.call('DEL', note_key(id))
    redis.call('ZREM', all, id)
  end
end
redis.call('ZADD', all, whole(NOW_US), args.id)
redis.call('EXPIRE', all, 2 * ACTION_KEPT_SECONDS)
return { 'begun' }
