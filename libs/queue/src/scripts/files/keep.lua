-- keep: bytes that are in the store become a blob, or the same bytes that were there before are taken instead.
-- Without an object it is only asked for bytes that are there. `dead`: the object was given up; `gone`: the upload was.

if is_barred(args.tenant) then return { 'gone' } end
local holder, sha, size, object, kind = args.holder, args.sha256, args.size, args.object, args.kind
local key = Q .. 'blob:' .. sha
if kind == 'announced' and redis.call('EXISTS', file_key(holder)) == 0 then return { 'gone' } end

local kept = redis.call('HMGET', key, 'object', 'size')
if kept[1] and kept[2] ~= size then return { 'unknown' } end
if not kept[1] then
  if not object then return { 'unknown' } end
  if redis.call('EXISTS', Q .. 'dead:' .. object) == 1 then return { 'dead' } end
  redis.call('HSET', key, 'object', object, 'size', size, 'counted', '1')
  count_bytes(tonumber(size))
  redis.call('HSET', Q .. 'objects', object, sha)
elseif object and object ~= kept[1] then
  throw_away(object)
end
hold(holder, sha)
if kind ~= 'job' then
  end_announced(holder)
  redis.call('HSET', file_key(holder), 'tenant', args.tenant, 'status', 'ready', 'sha256', sha, 'size', size,
    unpack(args.fields))
  redis.call('HDEL', file_key(holder), 'object', 'upload')
  redis.call('HSETNX', file_key(holder), 'created', whole(NOW))
  redis.call('ZADD', Q .. 'made', 'NX', whole(NOW_US), holder)
  -- Asked again after a lost reply, it may be in use already.
  if redis.call('SCARD', Q .. 'users:' .. holder) == 0 then redis.call('ZADD', Q .. 'expiring', NOW + args.ttl, holder) end
end
return { 'kept', kept[1] or object }
