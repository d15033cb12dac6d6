-- close: all parts of an action are at their end. What they counted is kept.

local key = note_key(args.id)
local status = redis.call('HGET', key, 'status')
if status ~= 'running' and status ~= 'stopping' then return 0 end
redis.call('HSET', key, 'counts', args.counts)
end_action(args.id, status == 'running' and 'done' or 'canceled')
return 1
