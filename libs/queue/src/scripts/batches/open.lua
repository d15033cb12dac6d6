-- open: a batch is kept, once for each id. So many of a tenant may go on at once.

local key = note_key(args.id)
if redis.call('EXISTS', key) == 1 then return { 'exists' } end
if is_barred(args.tenant) then return { 'barred' } end
if (tonumber(redis.call('HGET', P .. 'open_of', args.tenant)) or 0) >= MOST_OPEN_BATCHES then return { 'limited' } end
redis.call('HSET', key, 'tenant', args.tenant, 'state', args.state, 'rev', '1', 'created_at', whole(NOW))
redis.call('ZADD', P .. 'open', whole(NOW), args.id)
redis.call('ZADD', P .. 'of:' .. args.tenant, whole(NOW_US), args.id)
redis.call('HINCRBY', P .. 'open_of', args.tenant, 1)
return { 'begun' }
