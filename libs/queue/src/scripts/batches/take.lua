-- take: a process goes on with a batch for a while; one does at a time. Answers the batch as it is now, or that another process has it.

local note = redis.call('HMGET', note_key(args.id), 'tenant', 'state', 'rev', 'created_at')
if not note[1] then
  redis.call('ZREM', P .. 'open', args.id)
  return { 'gone' }
end
local key = P .. 'taken:' .. args.id
local holder = redis.call('GET', key)
if holder and holder ~= args.process then return { 'taken' } end
redis.call('SET', key, args.process, 'PX', BATCH_TAKEN_MS)
return { 'mine', note[1], note[2], note[3], note[4], whole(NOW) }
