-- job: a job is purged because its client asked, with all that is owed or known of its webhooks. Its idempotency key
-- stays for its day, so that the same request makes no second job.

local job = read(args.id, { 'status', 'tenant', 'line', 'created_us', 'rank', 'finished_at', 'owed_at', 'key', 'stored', 'batch' })
if job.status == '' or job.status == 'purged' then
  redis.call('ZREM', P .. 'purge', job.id)
  return 'missing'
end
if job.tenant ~= args.tenant then return 'missing' end
if job.status == 'running' then return 'running' end
take_away(job)
return 'purged'
