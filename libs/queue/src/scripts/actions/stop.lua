-- stop: an action is to do nothing more. One that has ended stays as it is.

local key = note_key(args.id)
local status = redis.call('HGET', key, 'status')
if status == 'counting' then
  end_action(args.id, 'canceled')
elseif status == 'running' then
  redis.call('HSET', key, 'status', 'stopping')
end
