-- cancel: queued -> canceled at once; running: the wish is kept and the worker is told; ended: nothing changes.

local job = load(args.id)
if job.status == '' and tenant_of_purged(job.id, PURGED_HOURS) == args.tenant then return { 'purged' } end
if job.status == '' or job.tenant ~= args.tenant then return { 'missing' } end
if job.status == 'purged' then return { 'purged' } end
cancel(job)
return { 'found', redis.call('HGETALL', job_key(job.id)) }
