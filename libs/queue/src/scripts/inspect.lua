-- inspect: what the reconciler does about an open job whose time to be looked at has come.
-- ARGV: prefix, id, silence ms after which a worker that was asked to cancel counts as gone
-- Answers {'gone'} | {'expired'} | {'abandoned'} | {'open', delay ms until it may start, priority}
local id, silence = ARGV[2], tonumber(ARGV[3])
local job = load(id)
if job.status ~= 'queued' and job.status ~= 'running' then
  redis.call('ZREM', P .. 'open', id)
  return { 'gone' }
end
if job.status == 'queued' and is_late(job) then
  expire(job)
  return { 'expired' }
end
if job.status == 'running' and job.cancel_at ~= '' and NOW - tonumber(job.cancel_at) >= silence
  and NOW - tonumber(job.heartbeat_at) >= silence then
  finish_unheld(job, 'canceled', {}, 'worker silent')
  return { 'abandoned' }
end
-- Look again later: soon while it is young, rarely when it has waited long, in time for its deadline.
local age = NOW - math.floor(tonumber(job.created_us) / 1000)
local again = NOW + math.max(5000, math.min(age, 600000))
if job.status == 'queued' and job.begun == '' then again = math.min(again, tonumber(job.expires_at) + 1) end
if job.cancel_at ~= '' then again = math.min(again, NOW + 5000) end
redis.call('ZADD', P .. 'open', again, id)
local delay = 0
if job.status == 'queued' then delay = math.max(0, tonumber(job.not_before) - NOW) end
return { 'open', delay, redis.call('HGET', job_key(id), 'priority') }
