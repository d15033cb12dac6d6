-- open: an erasure is to be done. One that changes something names one that has counted the same a short while ago.

if args.counted then
  local what, dry, done_at = unpack(redis.call('HMGET', P .. 'note:' .. args.counted, 'what', 'dry', 'done_at'))
  if what ~= args.what or dry ~= '1' or not done_at or tonumber(done_at) < NOW - COUNTED_MS then return { 'uncounted' } end
end
redis.call('HSET', P .. 'note:' .. args.id, 'what', args.what, 'tenant', args.tenant, 'names', args.names, 'dry', args.dry and '1' or '',
  'created_at', whole(NOW))
if args.filter then redis.call('HSET', P .. 'note:' .. args.id, 'filter', args.filter) end
redis.call('ZADD', P .. 'open', whole(NOW), args.id)
return { 'begun' }
