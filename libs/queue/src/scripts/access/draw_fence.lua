-- draw_fence: the number of who shares out caps of tenants from now on. It is of the clock, for a shard that lost its newest data would
-- else draw smaller numbers than those that models have noted, and they would hear of no cap until it had caught up.

local key = P .. 'policies:fence'
local fence = math.max(NOW, (tonumber(redis.call('GET', key)) or 0) + 1)
redis.call('SET', key, whole(fence))
return fence
