-- promote: a version becomes the current one, because an operator says so, and traffic is not split any more. `from`: the current
-- one that the operator saw.

if (redis.call('GET', P .. 'current') or '') ~= args.from then return { 'changed' } end
if redis.call('HEXISTS', P .. 'versions', args.version) == 0 then return { 'missing' } end
make_current(args.version, args.manifest, args.prediction, args.training)
redis.call('HSET', P .. 'steer', 'set', args.follows and '0' or '1')
redis.call('HDEL', P .. 'steer', 'traffic', 'guard')
redis.call('HDEL', P .. 'returned', args.version)
note_steering({ type = args.how, version = args.version, from = args.from, follows = args.follows })
return { 'done' }
