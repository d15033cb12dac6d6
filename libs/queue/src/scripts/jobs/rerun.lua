-- rerun: failed -> queued with fresh counters and without partial output, because the client asked.

local job = load(args.id)
if job.status == '' and tenant_of_purged(job.id, PURGED_HOURS) == args.tenant then return { 'purged' } end
if job.status == '' or job.tenant ~= args.tenant then return { 'missing' } end
if job.status == 'purged' then return { 'purged' } end
if job.status ~= 'failed' then return { 'refused' } end
if memory_share() > FULL then return { 'full' } end
rerun(job)
return { 'queued', redis.call('HGETALL', job_key(job.id)) }
