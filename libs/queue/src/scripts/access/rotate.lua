-- rotate: a new key that may do what an old one may. The old one ends after the overlap, if it does not end before.

local old = key_of(args.id)
if redis.call('EXISTS', old) == 0 then return { 'missing' } end
-- The reply was lost, and this is asked again.
if redis.call('HGET', old, 'replaced_by') == args.next then return { 'kept', redis.call('HGETALL', key_of(args.next)) } end
if has_ended(args.id) then return { 'ended' } end

local fields, tenant, expires = { 'digest', args.digest }, redis.call('HGET', old, 'tenant'), tonumber(redis.call('HGET', old, 'expires_at'))
for _, name in ipairs({ 'name', 'scopes', 'models', 'expires_at' }) do
  local value = redis.call('HGET', old, name)
  if value then fields[#fields + 1], fields[#fields + 2] = name, value end
end
if args.created_by then fields[#fields + 1], fields[#fields + 2] = 'created_by', args.created_by end
local made = make(args.next, tenant, fields, expires)
if made[1] ~= 'kept' then return made end

local ends = math.min(NOW + args.overlap, expires or math.huge)
redis.call('HSET', old, 'expires_at', whole(ends), 'replaced_by', args.next)
ends_at(args.id, ends)
tell(args.id)
return made
