-- cancel: queued -> canceled at once; running: the wish is kept and the worker is told. ARGV: prefix, id, tenant
-- Answers the record, or nothing when there is none of this tenant.
local job = load(ARGV[2])
if job.status == '' and tenant_of_purged(job.id, PURGED_HOURS) == ARGV[3] then return { 'status', 'purged' } end
if job.status == '' or job.tenant ~= ARGV[3] then return {} end
if job.status == 'queued' then
  finish_unheld(job, 'canceled', {}, '')
  take_back(redis.call('HGET', job_key(job.id), 'model'), job.id)
elseif job.status == 'running' and job.cancel_at == '' then
  redis.call('HSET', job_key(job.id), 'cancel_at', whole(NOW))
  redis.call('HINCRBY', job_key(job.id), 'revision', 1)
  redis.call('ZADD', P .. 'open', NOW + 30000, job.id)
  hint('mr:cancels', job.id)
end
return redis.call('HGETALL', job_key(job.id))
