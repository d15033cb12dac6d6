-- tell: what became of a create. Ignored when somebody else has it by now. Of one that was answered it may turn out that the answer did
-- not arrive; then it has died.

local key = equals_key(args.what)
local known = redis.call('HGET', key, args.id)
if known then
  local _, owner = parts_of(known)
  if owner ~= args.owner then return end
end
if args.fate == 'refused' then
  redis.call('HDEL', key, args.id)
  return
end
if args.fate == 'answered' and not known then return end
note(args.what, args.id, args.fate, args.owner)
local is_all = args.fate == 'answered' and redis.call('HLEN', key) == 1
redis.call('PEXPIRE', key, is_all and SECOND or IN_HAND_MS)
