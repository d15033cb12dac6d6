-- publish: a worker has a version of a model ready. Submits that name no version are checked against the current one: the one
-- that an operator has set, or that was brought in last. When no worker has the last one any more, the next to publish brings its
-- own back. Answers whether something waits that this worker could be given: one that is idle then is not well.

local current = redis.call('GET', P .. 'current')
local is_new = redis.call('HEXISTS', P .. 'versions', args.version) == 0
local alive = whole(NOW - WORKER_ALIVE_MS)
local function follows()
  if redis.call('HGET', P .. 'steer', 'set') == '1' then return false end
  return is_new or (current ~= args.version and redis.call('ZCOUNT', P .. 'workers:' .. current, alive, '+inf') == 0)
end
local takes_over = not current or follows()
redis.call('HSET', P .. 'versions', args.version, args.manifest)
redis.call('ZADD', P .. 'introduced', 'NX', whole(NOW), args.version)
if takes_over or current == args.version then
  make_current(args.version, args.manifest, args.prediction, args.training)
  if current and current ~= args.version then
    note_steering({ type = 'followed', version = args.version, from = current })
  end
end

-- By worker, how many jobs it can run at once, the line of its version, and which part of its places is busy; see line-service.ts. It goes with its worker.
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', P .. 'workers', '-inf', whole(NOW - WORKER_KEPT_MS), 'LIMIT', 0, PAGE)) do
  redis.call('HDEL', P .. 'places', gone)
end
local busy = args.busy and ' ' .. args.busy or ''
redis.call('HSET', P .. 'places', args.worker, args.places .. ' ' .. args.lines[1] .. busy)

-- By version, what a worker of it is like, for the time when there is none: its places, how long it loads in milliseconds, and its lines.
local served = args.places .. ' ' .. (args.load_ms or '-') .. ' ' .. table.concat(args.lines, ' ')
redis.call('HSET', P .. 'served', args.version, served)

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
      redis.call('HDEL', P .. 'served', version)
      redis.call('ZREM', P .. 'introduced', version)
      redis.call('DEL', P .. 'workers:' .. version)
    end
  end
end

for _, pause in ipairs(redis.call('HMGET', P .. 'paused', '*', unpack(args.lines))) do
  if pause then return 0 end
end
local turns = {}
for n, line in ipairs(args.lines) do turns[n] = P .. 'turn:' .. line end
return redis.call('EXISTS', unpack(turns)) > 0 and 1 or 0
