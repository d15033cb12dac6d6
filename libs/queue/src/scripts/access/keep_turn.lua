-- keep_turn: one process at a time shares out the caps of tenants. Answers whether it is this one, for a while.

local key = P .. 'policies:keeper'
local keeper = redis.call('GET', key)
if keeper and keeper ~= args.process then return 0 end
redis.call('SET', key, args.process, 'PX', KEEPER_MS)
return 1
