-- begin_cancellation: the open jobs of a tenant that match and are here by now are to be canceled, page by page; see
-- cancel_page.lua. Asked again, it is the same.

local key = P .. 'cancellation:' .. args.id
if redis.call('EXISTS', key) == 1 then return end
redis.call('HSET', key, 'tenant', args.tenant, 'statuses', args.statuses, 'line', args.line, 'version', args.version,
  'at', whole(args.from_us), 'to', whole(math.min(args.to_us, NOW_US)))
redis.call('ZADD', P .. 'cancellations', whole(NOW), args.id)
