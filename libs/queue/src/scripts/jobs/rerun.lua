-- rerun: failed -> queued with fresh counters and without partial output, because the client asked.

local job = load(args.id)
if job.status == '' and tenant_of_purged(job.id, PURGED_HOURS) == args.tenant then return { 'purged' } end
if job.status == '' or job.tenant ~= args.tenant then return { 'missing' } end
if job.status == 'purged' then return { 'purged' } end
if job.status ~= 'failed' then return { 'refused' } end
if memory_share() > FULL then return { 'full' } end
local expires_in = tonumber(given(job.id, 'expires_in'))
job.expires_at, job.begun, job.lost = NOW + expires_in, '', '0'
redis.call('ZREM', P .. 'purge', job.id)
no_shelf(job.id)
local fields = RERUN_RESETS
fields.expires_at = whole(job.expires_at)
requeue(job, 0, fields, RERUN_REASON)
use(job, USED_RERAN, 1)
return { 'queued', redis.call('HGETALL', job_key(job.id)) }
