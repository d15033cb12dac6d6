-- claim: queued -> running, or running -> running when the last worker is lost. Gives the attempt its fence.

local id = args.id
local job = load(id)

if job.status == '' or job.status == 'purged' then return { 'settled', 'missing' } end
if is_terminal(job.status) then return { 'settled', job.status } end
-- The reply of this very claim was lost and the client asked again.
if job.status == 'running' and job.delivery == args.delivery then
  return { 'claimed', redis.call('HGETALL', job_key(id)) }
end

if job.status == 'queued' then
  if is_late(job) then
    expire(job)
    return { 'settled', 'failed' }
  end
  if NOW < tonumber(job.not_before) then return { 'early', tonumber(job.not_before) - NOW } end
end

local crashes, lost = tonumber(job.crashes) or 0, tonumber(job.lost) or 0
if job.status == 'running' then
  -- Delivered again although its worker still beats: the transport lost its lock, the worker did not lose the job.
  local quiet = NOW - tonumber(job.heartbeat_at)
  if quiet < args.silence then return { 'early', args.silence - quiet + 100 } end
  if job.cancel_at ~= '' then
    finish_unheld(job, 'canceled', {}, 'worker lost')
    return { 'settled', 'canceled' }
  end
  crashes, lost = crashes + 1, lost + 1
  -- Whether its model began went with the worker.
  job.begun = '1'
  if crashes >= CRASHES_ALLOWED then
    finish_unheld(job, 'failed', { crashes = crashes, error = error_json('worker_lost',
      'The worker was lost while it held this job, ' .. crashes .. ' times.', true, job.fence) }, 'worker_lost')
    return { 'settled', 'failed' }
  end
end
-- A job that may have taken a worker down runs while nothing else does, so that the next crash blames the right one.
if lost > 0 and not args.alone then return { 'suspect' } end

redis.call('HINCRBY', job_key(id), 'fence', 1)
local fields = CLAIM_RESETS
fields.worker, fields.delivery, fields.version = args.worker, args.delivery, args.version
fields.started_at, fields.heartbeat_at = whole(NOW), whole(NOW)
fields.crashes, fields.lost, fields.begun = crashes, lost, job.begun
move(job, 'running', fields, job.status == 'running' and 'worker lost' or '')
redis.call('ZADD', P .. 'open', NOW + RUNNING_LOOK_MS, id)
return { 'claimed', redis.call('HGETALL', job_key(id)) }
