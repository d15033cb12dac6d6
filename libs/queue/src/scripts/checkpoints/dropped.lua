-- dropped: a page of checkpoints that nobody goes on from any more, whose objects are to be deleted now. Whoever is about to do that
-- may die: each comes again after a while, until somebody says that it is gone.

local entries = redis.call('ZRANGEBYSCORE', P .. 'dropped', '-inf', whole(NOW), 'LIMIT', 0, PAGE)
for _, entry in ipairs(entries) do redis.call('ZADD', P .. 'dropped', whole(NOW + PURGE_TAKEN_UP_MS), entry) end
return entries
