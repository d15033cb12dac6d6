-- forget: nothing is known of a batch any more, however far it is.

local key = note_key(args.id)
local note = redis.call('HMGET', key, 'tenant', 'ended')
redis.call('ZREM', P .. 'open', args.id)
redis.call('ZREM', P .. 'kept', args.id)
redis.call('DEL', key, P .. 'taken:' .. args.id)
if note[1] then
  redis.call('ZREM', P .. 'of:' .. note[1], args.id)
  if not note[2] then one_less(note[1]) end
end
