-- claim: queued -> running, or running -> running when the last worker is lost. Gives the attempt its fence.
-- ARGV: prefix, id, worker, delivery, alone (1 or 0), version or '', crashes allowed, silence ms
-- Answers {'claimed', record} | {'suspect'} | {'settled', status} | {'early', delay ms}
local id, worker, delivery, alone, version = ARGV[2], ARGV[3], ARGV[4], ARGV[5] == '1', ARGV[6]
local crashes_allowed, silence = tonumber(ARGV[7]), tonumber(ARGV[8])
local job = load(id)

if job.status == '' or job.status == 'purged' then return { 'settled', 'missing' } end
if is_terminal(job.status) then return { 'settled', job.status } end
-- The reply of this very claim was lost and the client asked again.
if job.status == 'running' and job.delivery == delivery then
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
  if quiet < silence then return { 'early', silence - quiet + 100 } end
  if job.cancel_at ~= '' then
    finish_unheld(job, 'canceled', {}, 'worker lost')
    return { 'settled', 'canceled' }
  end
  crashes, lost = crashes + 1, lost + 1
  -- Whether its model began went with the worker.
  job.begun = '1'
  if crashes >= crashes_allowed then
    finish_unheld(job, 'failed', { 'crashes', crashes, 'error', error_json('worker_lost',
      'The worker was lost while it held this job, ' .. crashes .. ' times.', true, job.fence) }, 'worker_lost')
    return { 'settled', 'failed' }
  end
end
-- A job that may have taken a worker down runs while nothing else does, so that the next crash blames the right one.
if lost > 0 and not alone then return { 'suspect' } end

redis.call('HINCRBY', job_key(id), 'fence', 1)
local fields = { 'worker', worker, 'delivery', delivery, 'started_at', whole(NOW), 'heartbeat_at', whole(NOW),
  'crashes', crashes, 'lost', lost, 'begun', job.begun, 'progress', '', 'run_ms', '' }
if version ~= '' then table.insert(fields, 'version') table.insert(fields, version) end
move(job, 'running', fields, job.status == 'running' and 'worker lost' or '')
redis.call('ZADD', P .. 'open', NOW + 60000, id)
return { 'claimed', redis.call('HGETALL', job_key(id)) }
