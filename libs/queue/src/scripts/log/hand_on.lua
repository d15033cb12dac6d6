-- hand_on: how far the log of a job was handed to readers that keep no place of their own. It moves on only from where the caller
-- believes it to be, so each event goes to one of them.

local key = job_key(args.id)
local now = redis.call('HMGET', key, 'tenant', 'status', 'handed')
if now[1] ~= args.tenant or now[2] == 'purged' then return { 'missing' } end
local at = now[3] or ''
if at ~= args.from then return { 'at', at } end
if at ~= args.to then redis.call('HSET', key, 'handed', args.to) end
return { 'moved' }
