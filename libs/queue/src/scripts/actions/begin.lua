-- begin: an action has a part in this shard from now on: it is about jobs that were submitted by now. Asked again, it is the same. Answers that
-- moment, behind which job the part goes on, and whether it is at its end.

local key = part_key(args.id)
redis.call('HSETNX', key, 'until', whole(NOW))
redis.call('EXPIRE', key, ACTION_KEPT_SECONDS)
local kept = redis.call('HMGET', key, 'until', 'at', 'ended')
return { kept[1], kept[2] or '', kept[3] and 1 or 0 }
