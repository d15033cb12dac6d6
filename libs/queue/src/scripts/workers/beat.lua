-- beat: a worker process is there and tells what it does. Answers whether it is to take nothing more. Workers that were not heard
-- for long are forgotten by whoever beats.

redis.call('ZADD', P .. 'started', 'NX', whole(NOW_US), args.worker)
redis.call('ZADD', P .. 'seen', whole(NOW), args.worker)
redis.call('HSET', P .. 'entries', args.worker, args.entry)
if args.unready == '' then
  redis.call('HDEL', P .. 'unready', args.worker)
else
  redis.call('HSET', P .. 'unready', args.worker, args.unready)
end

for _, gone in ipairs(redis.call('ZRANGEBYSCORE', P .. 'seen', '-inf', whole(NOW - LOST_SHOWN_MS), 'LIMIT', 0, PAGE)) do
  forget(gone)
end
return redis.call('HGET', P .. 'wishes', args.worker) == 'drain' and 1 or 0
