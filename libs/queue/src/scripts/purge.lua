-- purge: everything of the job but a tombstone goes; its objects and its hold on files stay in `erasing` until they are
-- gone too. ARGV: prefix, id, tombstone ttl s
-- Answers 'purged' | 'running' | 'missing'
local job = load(ARGV[2])
if job.status == '' or job.status == 'purged' then
  redis.call('ZREM', P .. 'purge', job.id)
  return 'missing'
end
if job.status == 'running' then return 'running' end
local idem = redis.call('HGET', job_key(job.id), 'idem')
-- After its day the key may be another job's.
if idem and job_of_key(redis.call('GET', P .. 'idem:' .. idem) or '') == job.id then
  redis.call('DEL', P .. 'idem:' .. idem)
end
redis.call('ZREM', index_key(job.tenant, job.status), job.id)
redis.call('ZREM', P .. 'open', job.id)
redis.call('ZREM', P .. 'line', job.id)
redis.call('ZREM', P .. 'purge', job.id)
redis.call('DEL', job_key(job.id), P .. 'events:' .. job.id, P .. 'told:' .. job.id)
redis.call('ZADD', P .. 'erasing', NOW, job.id .. ' ' .. job.tenant)
redis.call('HSET', job_key(job.id), 'status', 'purged', 'tenant', job.tenant)
redis.call('EXPIRE', job_key(job.id), ARGV[3])
hint('mr:changes', job.id .. ' purged')
hint('mr:events:' .. job.id, 'erased')
return 'purged'
