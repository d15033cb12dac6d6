-- submit: none -> queued, for all jobs of one model that arrived together. The commit point of a 202.
-- Answers for each.

local answers = {}
local open = redis.call('ZCARD', P .. 'open')

-- Bytes that this batch may take.
local used, whole_memory = memory()
local room = whole_memory > 0 and FULL * whole_memory - used or math.huge

-- Open jobs by tenant, counted once and kept in step below.
local opens = {}
local function open_of(tenant)
  opens[tenant] = opens[tenant]
    or redis.call('ZCARD', index_key(tenant, 'queued')) + redis.call('ZCARD', index_key(tenant, 'running'))
  return opens[tenant]
end

-- Processes of layout 2 cannot read what is kept here: they are to take nothing from now on. What is older is carried over first.
local is_told = false
local function tell_layout()
  local layout = tonumber(redis.call('GET', P .. 'layout')) or 0
  if layout < LAYOUT and (layout == LAYOUT - 1 or open == 0) then redis.call('SET', P .. 'layout', LAYOUT) end
  -- Nothing waits of which they would have to be found out; see reconcile.lua.
  if layout < LAYOUT and open == 0 then redis.call('SET', P .. 'priorities', 'known') end
  is_told = true
end

local function keep(n, job)
  if not is_told then tell_layout() end
  local id, tenant, run_at, expires_in = job.id, job.tenant, job.run_at, job.expires_in
  -- One clock reading serves the batch; the offset keeps creation times distinct and in order of arrival.
  local created_us = NOW_US + n
  local start = math.max(NOW, run_at)
  -- A job with a start time has the place that it would have if it were submitted then.
  local rank = whole(math.max(created_us, run_at * MS_US) - job.head_start * MS_US)
  local fields = job.fields
  if rank ~= whole(created_us) then fields[#fields + 1], fields[#fields + 2] = 'rank', rank end
  if job.key then fields[#fields + 1], fields[#fields + 2] = 'key', job.key end
  -- Each field costs time and memory, so what reads the same when it is absent is left out. Numbers as text: Redis writes out a
  -- number of Lua's at the price of a whole command.
  redis.call('HSET', job_key(id), 'status', 'queued', 'tenant', tenant, 'created_us', whole(created_us),
    'expires_at', whole(start + expires_in), 'line', job.line, unpack(fields))
  keep_bytes(job, job.stored)
  use(job, USED_SUBMITTED, 1)
  add_to_minute('submitted', 1)
  use(job, USED_BYTES_IN, job.bytes)
  add_to_set(P .. 'open', whole(start + expires_in + 1), id)
  add_to_set(index_key(tenant, 'queued'), whole(created_us), id)
  local waits = { id = id, tenant = tenant, line = job.line, created_us = whole(created_us), rank = rank }
  count_in(waits, 1)
  if job.batch then count_in_batch(job.batch, 'made', 1) end
  -- Its log needs no entry yet: that it was submitted is told by the record (see `unfold`).
  line_up(waits, run_at)
  return { 'created', whole(math.floor(created_us / MS_US)) }
end

-- Ids of this call that were kept before: the reply was lost and the connection asked again.
local kept = {}
local function note_kept()
  local keys, names, hours = {}, {}, {}
  for n, job in ipairs(args.jobs) do keys[n], names[n] = job_key(job.id), string.sub(job.id, 13) end
  for hour = THIS_HOUR - 1, THIS_HOUR do
    if redis.call('EXISTS', purged_key(hour)) == 1 then hours[#hours + 1] = redis.call('HMGET', purged_key(hour), unpack(names)) end
  end
  local any = redis.call('EXISTS', unpack(keys)) > 0
  for n, job in ipairs(args.jobs) do
    kept[job.id] = any and redis.call('EXISTS', keys[n]) == 1
    for _, tenants in ipairs(hours) do kept[job.id] = kept[job.id] or tenants[n] end
  end
end

-- The job that was kept before, or only its id when it was purged since: it is not run again.
local function replay(id)
  local status = redis.call('HGET', job_key(id), 'status')
  if not status or status == 'purged' then return { 'purged', id } end
  return { 'replayed', id, redis.call('HGETALL', job_key(id)) }
end

-- Nobody named it by a key of their own, and it was canceled: who asks for the same again wants another.
local function is_forsaken(job, seen)
  if not seen or not job.idem_ms then return false end
  local before = read(job_of_key(seen), { 'status', 'cancel_at' })
  return before.status == 'canceled' or before.cancel_at ~= ''
end

if #args.jobs > 0 then note_kept() end
gather()
for n, job in ipairs(args.jobs) do
  local id, tenant, fields = job.id, job.tenant, job.fields
  if fields[#fields - 1] == 'batch' then job.batch = fields[#fields] end
  local bytes = JOB_BYTES
  for _, value in ipairs(fields) do bytes = bytes + #value end
  local idem_key = job.idem and P .. 'idem:' .. job.idem
  if job.idem then fields[#fields + 1], fields[#fields + 2] = 'idem', job.idem end

  local seen = idem_key and redis.call('GET', idem_key)
  if is_forsaken(job, seen) then seen = nil end
  local tenant_open, most = open_of(tenant), job.most or args.tenant_limit
  if seen and string.sub(seen, 40) ~= job.hash then
    answers[n] = { 'mismatch' }
  elseif seen then
    answers[n] = replay(job_of_key(seen))
  elseif kept[id] then
    answers[n] = replay(id)
  elseif is_barred(tenant) then
    answers[n] = { 'barred' }
  elseif refuses_submits(job.line) then
    answers[n] = { 'paused' }
  elseif is_spent(tenant) then
    answers[n] = { 'spent', whole((TODAY + 1) * DAY - NOW) }
  elseif tenant_open >= most then
    answers[n] = { 'limited', 'tenant', tenant_open, most }
  elseif open >= args.model_limit then
    answers[n] = { 'limited', 'model', open, args.model_limit }
  elseif bytes > room then
    answers[n] = { 'full' }
  else
    room = room - bytes
    answers[n] = keep(n, job)
    if idem_key then redis.call('SET', idem_key, id .. ' ' .. job.hash, 'PX', job.idem_ms or IDEMPOTENCY_MS) end
    open, opens[tenant], kept[id] = open + 1, tenant_open + 1, true
  end
end
carry_out()
return answers
