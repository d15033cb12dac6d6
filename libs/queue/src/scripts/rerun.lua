-- rerun: failed -> queued with fresh counters and without partial output, because the client asked. ARGV: prefix, id, tenant
-- Answers {'refused'} | {'full'} when Redis is | {'queued', record} | {} when there is none of this tenant.
local job = load(ARGV[2])
if job.status == '' or job.tenant ~= ARGV[3] then return {} end
if job.status ~= 'failed' then return { 'refused', redis.call('HGETALL', job_key(job.id)) } end
if memory_share() > FULL then return { 'full' } end
local expires_in = tonumber(redis.call('HGET', job_key(job.id), 'expires_in'))
job.expires_at, job.begun = NOW + expires_in, ''
redis.call('ZREM', P .. 'purge', job.id)
requeue(job, 0, { 'failures', 0, 'crashes', 0, 'lost', 0, 'house_faults', 0, 'source_faults', 0,
  'error', '', 'cancel_at', '', 'finished_at', '',
  'purge_at', '', 'started_at', '', 'run_ms', '', 'output', '', 'output_files', '', 'expires_at', whole(job.expires_at) }, 'retried by the client')
return { 'queued', redis.call('HGETALL', job_key(job.id)) }
