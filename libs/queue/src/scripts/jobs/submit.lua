-- submit: none -> queued, for all jobs of one model that arrived together. The commit point of a 202.
-- ARGV: prefix, model, idempotency ttl ms, limit per tenant, limit of the model, number of jobs, then for each:
--   id, tenant, idempotency key or '', body hash, run_at ms or 0, expires_in ms, priority number, field count, fields...
-- Answers for each: {'created', created ms, created us} | {'replayed', id, record...} | {'mismatch'}
--   | {'purged', id}: the key's job, which was purged | {'limited', scope, open, limit} | {'full'} when Redis is
local model, ttl, tenant_limit, model_limit = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local answers, at = {}, 7
local open = redis.call('ZCARD', P .. 'open')

-- Bytes that this batch may take. What Redis adds of its own to a job is reckoned roughly.
local used, most = memory()
local room = most > 0 and FULL * most - used or math.huge
local JOB_BYTES = 3000

-- Open jobs by tenant, counted once and kept in step below.
local opens = {}
local function open_of(tenant)
  opens[tenant] = opens[tenant]
    or redis.call('ZCARD', index_key(tenant, 'queued')) + redis.call('ZCARD', index_key(tenant, 'running'))
  return opens[tenant]
end

local function keep(n, id, tenant, run_at, expires_in, priority, fields)
  -- One clock reading serves the batch; the offset keeps creation times distinct and in order of arrival.
  local created_us = NOW_US + n
  local start = math.max(NOW, run_at)
  local rank = whole(priority * 2e15 + created_us)
  -- Numbers as text: Redis writes out a number of Lua's at the price of a whole command.
  redis.call('HSET', job_key(id), 'status', 'queued', 'tenant', tenant, 'fence', '0', 'failures', '0',
    'crashes', '0', 'revision', '1', 'created_at', whole(NOW), 'created_us', whole(created_us), 'rank', rank,
    'not_before', whole(run_at), 'expires_in', whole(expires_in), 'expires_at', whole(start + expires_in),
    unpack(fields))
  -- It has its ticket, so there is nothing to look at before its deadline, or before BullMQ should have taken up what waits.
  redis.call('ZADD', P .. 'open', whole(start + (run_at > NOW and math.min(SLACK_MS, expires_in) or expires_in) + 1), id)
  redis.call('ZADD', P .. 'line', rank, id)
  redis.call('ZADD', index_key(tenant, 'queued'), whole(created_us), id)
  -- Its log needs no entry yet: that it was submitted is told by the record (see `unfold`).
  hand_out(model, id, priority, run_at)
  return { 'created', whole(NOW), whole(created_us) }
end

-- The job that was kept before, or only its id when it was purged since: it is not run again.
local function replay(id)
  local status = redis.call('HGET', job_key(id), 'status')
  if not status or status == 'purged' then return { 'purged', id } end
  return { 'replayed', id, redis.call('HGETALL', job_key(id)) }
end

for n = 1, tonumber(ARGV[6]) do
  local id, tenant, idem, hash = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local run_at, expires_in, priority = tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5]), tonumber(ARGV[at + 6])
  local count = tonumber(ARGV[at + 7])
  local fields, bytes = {}, JOB_BYTES
  for i = 1, count do
    fields[i] = ARGV[at + 7 + i]
    bytes = bytes + #fields[i]
  end
  if idem ~= '' then fields[count + 1], fields[count + 2] = 'idem', idem end
  at = at + 8 + count

  local idem_key = idem ~= '' and (P .. 'idem:' .. idem) or nil
  local seen = idem_key and redis.call('GET', idem_key)
  local seen_id = seen and job_of_key(seen)
  local tenant_open = open_of(tenant)
  if seen and string.sub(seen, 40) ~= hash then
    answers[n] = { 'mismatch' }
  elseif seen then
    answers[n] = replay(seen_id)
  elseif redis.call('EXISTS', job_key(id)) == 1 or tenant_of_purged(id, 1) then
    -- The reply was lost and the connection asked again.
    answers[n] = replay(id)
  elseif tenant_open >= tenant_limit then
    answers[n] = { 'limited', 'tenant', tenant_open, tenant_limit }
  elseif open >= model_limit then
    answers[n] = { 'limited', 'model', open, model_limit }
  elseif bytes > room then
    answers[n] = { 'full' }
  else
    room = room - bytes
    answers[n] = keep(n, id, tenant, run_at, expires_in, priority, fields)
    if idem_key then redis.call('SET', idem_key, id .. ' ' .. hash, 'PX', ttl) end
    open, opens[tenant] = open + 1, tenant_open + 1
  end
end
announce(model)
return answers
