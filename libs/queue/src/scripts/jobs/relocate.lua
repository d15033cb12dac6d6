-- relocate: the jobs of a page are moved to another version, or counted as such that do not fit. All of a page at once, and only if nobody
-- has done it: so whoever dies in between, each job is counted once. Answers whether there is more to do.

local key = P .. 'relocation:' .. args.id
local kept = redis.call('HMGET', key, 'after', 'line', 'dry_run', 'to', 'misfits', 'done_at')
-- Somebody else has done it.
if kept[1] ~= args.after or kept[6] then return redis.call('EXISTS', P .. 'relocations') end
local line, is_dry, version = kept[2], kept[3] == '1', kept[4]

-- The job, if it waits there as it did when its input was read. What has run meanwhile is left alone.
local function waiting(one)
  local job = load(one.id)
  if job.status ~= 'queued' or job.line ~= line or (tonumber(job.revision) or 0) ~= one.revision then return end
  return job
end

-- It keeps its rank, its deadline, and the time before which it must not start.
local function relocate(job, one)
  local due = tonumber(redis.call('ZSCORE', P .. 'later', job.id)) or 0
  leave_line(job)
  count_in(job, -1)
  job.line = one.line
  redis.call('HSET', job_key(job.id), 'line', one.line, 'version', version, 'revision', whole(one.revision + 1), unpack(one.fields))
  -- No split of traffic has chosen this version.
  redis.call('HDEL', job_key(job.id), 'routed')
  count_in(job, 1)
  line_up(job, due)
end

local moved, unfit = 0, 0
for _, one in ipairs(args.fits) do
  local job = waiting(one)
  if job then
    if not is_dry then relocate(job, one) end
    moved = moved + 1
  end
end

local told = kept[5] and cjson.decode(kept[5]) or {}
for _, one in ipairs(args.misfits) do
  -- One that ran and came back may be met again.
  if waiting(one) and redis.call('HGET', job_key(one.id), 'misfit') ~= args.id then
    redis.call('HSET', job_key(one.id), 'misfit', args.id)
    unfit = unfit + 1
    if #told < MISFITS_TOLD then told[#told + 1] = { job = one.id, path = one.path, message = one.message } end
  end
end

redis.call('HINCRBY', key, 'moved', moved)
redis.call('HINCRBY', key, 'unfit', unfit)
redis.call('HSET', key, 'after', args.next)
if unfit > 0 then redis.call('HSET', key, 'misfits', cjson.encode(told)) end
if not args.last then return 1 end
redis.call('ZREM', P .. 'relocations', args.id)
redis.call('HSET', key, 'done_at', whole(NOW))
redis.call('HDEL', key, 'manifest')
redis.call('EXPIRE', key, CANCELLATION_KEPT_SECONDS)
if redis.call('GET', P .. 'relocating') == args.process then redis.call('DEL', P .. 'relocating') end
return redis.call('EXISTS', P .. 'relocations')
