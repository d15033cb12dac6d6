-- cancel_page: the next jobs of the oldest cancellation that is not done. Its record says how far it came, so whoever comes next goes
-- on there, and no job is counted twice. Answers whether there is more to do.

local id = redis.call('ZRANGE', P .. 'cancellations', 0, 0)[1]
if not id then return 0 end
if redis.call('EXISTS', P .. 'canceling') == 1 then return 1 end
local key = P .. 'cancellation:' .. id
local function part(name) return redis.call('HGET', key, name) or '' end
local tenant, line, version, to = part('tenant'), part('line'), part('version'), part('to')
local at, at_id = part('at'), part('at_id')

local page, is_last = walk(tenant, part('statuses'), at, at_id, to)

-- Of a version are the jobs that are pinned to it, and those that run on it.
local function matches(job)
  if line == '' or job.line == line then return true end
  return job.status == 'running' and version_begun(job) == version
end

local done = { canceled = 0, stopping = 0 }
for _, found in ipairs(page) do
  local job = load(found.id)
  local outcome = matches(job) and cancel(job)
  if outcome then done[outcome] = done[outcome] + 1 end
end

redis.call('HINCRBY', key, 'canceled', done.canceled)
redis.call('HINCRBY', key, 'stopping', done.stopping)
walk_on(key, at, page)
if is_last then
  redis.call('ZREM', P .. 'cancellations', id)
  redis.call('HSET', key, 'done_at', whole(NOW))
  redis.call('EXPIRE', key, CANCELLATION_KEPT_SECONDS)
  return redis.call('EXISTS', P .. 'cancellations')
end
redis.call('SET', P .. 'canceling', '1', 'PX', PAGES_APART_MS)
return 1
