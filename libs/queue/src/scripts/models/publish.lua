-- publish: a worker has a version of a model ready. Submits that name no version are checked against the current one: the one
-- that was brought in last. When no worker has that one any more, the next to publish brings its own back.

local current = redis.call('GET', P .. 'current')
local is_new = redis.call('HEXISTS', P .. 'versions', args.version) == 0
local alive = whole(NOW - WORKER_ALIVE_MS)
local takes_over = is_new or not current
  or (current ~= args.version and redis.call('ZCOUNT', P .. 'workers:' .. current, alive, '+inf') == 0)
redis.call('HSET', P .. 'versions', args.version, args.manifest)
redis.call('ZADD', P .. 'introduced', 'NX', whole(NOW), args.version)
if takes_over then redis.call('SET', P .. 'current', args.version) end
if takes_over or current == args.version then
  redis.call('SET', P .. 'manifest', args.manifest)
  -- By kind; where jobs of the former layout go.
  redis.call('HSET', P .. 'contracts', 'prediction', args.prediction, 'training', args.training)
end

-- By worker, how many jobs it can run at once and the line of its version; see line-service.ts. It goes with its worker.
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', P .. 'workers', '-inf', whole(NOW - WORKER_KEPT_MS), 'LIMIT', 0, PAGE)) do
  redis.call('HDEL', P .. 'places', gone)
end
redis.call('HSET', P .. 'places', args.worker, args.places .. ' ' .. args.lines[1])

local function note(key)
  redis.call('ZADD', key, whole(NOW), args.worker)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', whole(NOW - WORKER_KEPT_MS))
end
note(P .. 'workers')
note(P .. 'workers:' .. args.version)
for _, line in ipairs(args.lines) do note(P .. 'serving:' .. line) end

-- The oldest that nobody has go, so that a model which is brought in anew all day does not grow for ever.
if is_new and redis.call('ZCARD', P .. 'introduced') > VERSIONS_KEPT then
  for _, version in ipairs(redis.call('ZRANGE', P .. 'introduced', 0, 9)) do
    if version ~= args.version and redis.call('ZCOUNT', P .. 'workers:' .. version, alive, '+inf') == 0 then
      redis.call('HDEL', P .. 'versions', version)
      redis.call('ZREM', P .. 'introduced', version)
      redis.call('DEL', P .. 'workers:' .. version)
    end
  end
end
