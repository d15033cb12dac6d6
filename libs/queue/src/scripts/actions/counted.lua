-- counted: so many jobs match. Answers where the action is then: it goes on only if they are as many as was expected.

local key = note_key(args.id)
local status, expect, dry = unpack(redis.call('HMGET', key, 'status', 'expect', 'dry'))
if status ~= 'counting' then return is_going(status) and status or 'ended' end
redis.call('HSET', key, 'matched', args.matched)
if dry == '1' then
  end_action(args.id, 'done')
elseif tonumber(expect) ~= args.matched then
  end_action(args.id, 'refused')
else
  redis.call('HSET', key, 'status', 'running')
  return 'running'
end
return 'ended'
