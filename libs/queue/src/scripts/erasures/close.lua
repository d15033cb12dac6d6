-- close: an erasure has its counts, and what it erased is gone. First the counts are kept (`done`: no), then its parts go, and then it
-- ends: what is left of it does not say whose it was.

local key = P .. 'note:' .. args.id
if redis.call('EXISTS', key) == 0 then return end
redis.call('HSET', key, 'counts', args.counts)
if not args.done then return end
redis.call('HSET', key, 'done_at', whole(NOW))
redis.call('HDEL', key, 'tenant', 'filter')
redis.call('EXPIRE', key, ERASURE_KEPT_SECONDS)
redis.call('ZREM', P .. 'open', args.id)
