-- cancel: queued -> canceled at once; running: the wish is kept and the worker is told; ended: nothing changes.

local job = load(args.id)
if job.status == '' and tenant_of_purged(job.id, PURGED_HOURS) == args.tenant then return { 'purged' } end
if job.status == '' or job.tenant ~= args.tenant then return { 'missing' } end
if job.status == 'purged' then return { 'purged' } end
if job.status == 'queued' then
  finish_unheld(job, 'canceled', {}, '')
elseif job.status == 'running' and job.cancel_at == '' then
  redis.call('HSET', job_key(job.id), 'cancel_at', whole(NOW))
  redis.call('HINCRBY', job_key(job.id), 'revision', 1)
  hint(CANCELS_CHANNEL, job.id)
end
return { 'found', redis.call('HGETALL', job_key(job.id)) }
