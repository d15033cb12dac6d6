-- act: some jobs that match have their turn. Those that are not as they were when they were looked at stay as they are, and so do those
-- with which it cannot be done. If another process had the same turn before, nothing is done. Answers whether it was done, and which jobs
-- were purged, whose objects are to be deleted now.

local key = part_key(args.id)
local kept = redis.call('HMGET', key, 'until', 'at', 'ended')
if not kept[1] or kept[3] or (kept[2] or '') ~= args.after then return { 0, {} } end

local counts, purged = {}, {}
local function count(what) counts[what] = (counts[what] or 0) + 1 end

local open, tenant_open, is_full
-- Why a job that failed may not wait again now; nothing when it may.
local function reason_against(job)
  open = open or redis.call('ZCARD', P .. 'open')
  tenant_open = tenant_open
    or redis.call('ZCARD', index_key(job.tenant, 'queued')) + redis.call('ZCARD', index_key(job.tenant, 'running'))
  if refuses_submits(job.line) then return 'model_paused' end
  if is_spent(job.tenant) then return 'device_seconds_limit' end
  if tenant_open >= args.most then return 'tenant_limit' end
  if open >= args.model_limit then return 'queue_full' end
  if is_full == nil then is_full = memory_share() > FULL end
  if is_full then return 'storage_pressure' end
end

-- Each answers why a job stays as it is; nothing when it was done.
local ACTS = {}

function ACTS.cancel(job)
  if is_terminal(job.status) then return 'job_ended' end
  if cancel(job) ~= 'canceled' then count('stopping') end
end

function ACTS.retry(job)
  if job.status ~= 'failed' then return 'job_not_retryable' end
  local reason = reason_against(job)
  if reason then return reason end
  rerun(job)
  open, tenant_open = open + 1, tenant_open + 1
end

function ACTS.purge(job)
  if job.status == 'running' then return 'job_running' end
  for name, value in pairs(read(job.id, { 'finished_at', 'owed_at', 'stored' })) do job[name] = value end
  take_away(job)
  purged[#purged + 1] = job.id
end

gather()
for _, one in ipairs(args.jobs) do
  local job = load(one.id)
  local reason = 'changed'
  if job.tenant == args.tenant and job.status == one.status and (tonumber(job.fence) or 0) == one.fence then
    reason = ACTS[args.action](job)
  end
  count(reason and 'skipped ' .. reason or 'done')
end
carry_out()

if args.unread > 0 then counts.failed = args.unread end
for what, by in pairs(counts) do redis.call('HINCRBY', key, what, by) end
redis.call('HSET', key, 'at', args.next)
if args.last then redis.call('HSET', key, 'ended', '1') end
redis.call('EXPIRE', key, ACTION_KEPT_SECONDS)
return { 1, purged }
