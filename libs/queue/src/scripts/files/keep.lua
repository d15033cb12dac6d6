-- keep: bytes that are in the store become a blob, or the same bytes that were there before are taken instead.
-- ARGV: prefix, tenant, holder, sha256, size, object ('' asks only for bytes that are there), file ttl ms,
--   what the holder is: 'job' | 'new' file | 'announced' file, then the fields of a file
-- Answers {'kept', object} | {'unknown'} | {'dead'} when the object was given up | {'gone'} when the upload was
local holder, sha, size, object, ttl, kind = ARGV[3], ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[7]), ARGV[8]
local key = Q .. 'blob:' .. sha
if kind == 'announced' and redis.call('EXISTS', file_key(holder)) == 0 then return { 'gone' } end

local kept = redis.call('HMGET', key, 'object', 'size')
if kept[1] and kept[2] ~= size then return { 'unknown' } end
if not kept[1] then
  if object == '' then return { 'unknown' } end
  if redis.call('EXISTS', Q .. 'dead:' .. object) == 1 then return { 'dead' } end
  redis.call('HSET', key, 'object', object, 'size', size)
  redis.call('HSET', Q .. 'objects', object, sha)
elseif object ~= '' and object ~= kept[1] then
  throw_away(object)
end
hold(holder, sha)
if kind ~= 'job' then
  local fields = { 'status', 'ready', 'sha256', sha, 'size', size }
  for i = 9, #ARGV do table.insert(fields, ARGV[i]) end
  redis.call('HSET', file_key(holder), 'tenant', ARGV[2], unpack(fields))
  redis.call('HDEL', file_key(holder), 'object', 'upload')
  -- Asked again after a lost reply, it may be in use already.
  if redis.call('SCARD', Q .. 'users:' .. holder) == 0 then redis.call('ZADD', Q .. 'expiring', NOW + ttl, holder) end
end
return { 'kept', kept[1] or object }
