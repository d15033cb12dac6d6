-- wish: a worker is to take nothing more, or to take jobs again. It hears of it with its next beat. The wish is one about this
-- process and goes with it: what is started in its place takes jobs. Answers whether there is such a worker.

if not redis.call('ZSCORE', P .. 'seen', args.worker) then return 0 end
if args.drain then redis.call('HSET', P .. 'wishes', args.worker, 'drain') else redis.call('HDEL', P .. 'wishes', args.worker) end
return 1
