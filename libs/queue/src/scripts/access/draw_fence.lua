-- draw_fence: the number of who shares out caps of tenants from now on.

return redis.call('INCR', P .. 'policies:fence')
