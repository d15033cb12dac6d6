-- change: the next state of a batch, if nobody has changed it since it was read. `ends`: with that it has ended. `kept_ms`: all of it is
-- done, and it is forgotten after that time.

local key = note_key(args.id)
local note = redis.call('HMGET', key, 'rev', 'tenant', 'ended')
if not note[1] then return 'gone' end
if note[1] ~= args.rev then return 'stale' end
redis.call('HSET', key, 'state', args.state)
redis.call('HINCRBY', key, 'rev', 1)
if args.ends and not note[3] then
  redis.call('HSET', key, 'ended', '1')
  one_less(note[2])
end
if args.kept_ms then
  redis.call('ZREM', P .. 'open', args.id)
  redis.call('DEL', P .. 'taken:' .. args.id)
  redis.call('ZADD', P .. 'kept', whole(NOW + args.kept_ms), args.id)
  -- Of very many the oldest are forgotten first.
  local all = P .. 'of:' .. note[2]
  for _, id in ipairs(redis.call('ZRANGE', all, 0, -MOST_BATCHES - 1)) do
    if redis.call('ZSCORE', P .. 'kept', id) then redis.call('ZADD', P .. 'kept', whole(NOW), id) end
  end
end
return 'done'
