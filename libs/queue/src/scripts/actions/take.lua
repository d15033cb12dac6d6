-- take: a process goes on with an action for a while; one does at a time. Answers where the action is, or that another process has it.

local status = redis.call('HGET', note_key(args.id), 'status')
if not is_going(status) then
  redis.call('ZREM', P .. 'open', args.id)
  return 'ended'
end
local key = P .. 'taken:' .. args.id
local holder = redis.call('GET', key)
if holder and holder ~= args.process then return 'taken' end
redis.call('SET', key, args.process, 'PX', ACTION_TAKEN_MS)
return status
