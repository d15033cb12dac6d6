-- settle: how an attempt ends. Only the current fence may; a zombie is told so and changes nothing.
-- ARGV: prefix, id, fence, action, run ms or '', output JSON value, output files JSON (both '' when there is none), then
--   succeed: model metrics JSON or '' | fail: blame, error JSON, code, crashes allowed, source faults
--   allowed | stop: nothing more | release: whether the model had begun (1 or '')
-- The output of a job that fails or is canceled is what its model had given so far; it is kept only when the job ends.
-- Answers {'done', status} | {'queued', delay ms} | {'fenced'}
--   | {'crowded'} when nothing was changed, for want of room: the output is to be kept elsewhere first
local id, fence, action, run_ms = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local job = load(id)

if job.status == '' or job.fence ~= fence then return { 'fenced' } end
if job.status ~= 'running' then
  -- The reply of this very settling was lost and the client asked again.
  if job.settled == fence and is_terminal(job.status) then return { 'done', job.status } end
  if job.settled == fence and job.status == 'queued' then return { 'queued', tonumber(job.retry_delay) } end
  return { 'fenced' }
end

if #ARGV[6] > SPARED_BYTES and memory_share() > CROWDED then return { 'crowded' } end

-- The n-th wait of a growing row, in milliseconds.
local function backoff(n, most) return math.min(most, 1000 * 2 ^ math.min(n - 1, 20)) end

if action == 'succeed' then
  local fields = { 'output', ARGV[6], 'output_files', ARGV[7], 'error', '', 'run_ms', run_ms }
  if ARGV[8] ~= '' then table.insert(fields, 'model_metrics') table.insert(fields, ARGV[8]) end
  finish(job, 'succeeded', fields, '')
  return { 'done', 'succeeded' }
end

local function with_partial(fields)
  if ARGV[6] ~= '' then
    for _, value in ipairs({ 'output', ARGV[6], 'output_files', ARGV[7] }) do table.insert(fields, value) end
  end
  return fields
end

-- Whoever asked for a stop is not given a retry.
if job.cancel_at ~= '' or action == 'stop' then
  finish(job, 'canceled', with_partial({ 'run_ms', run_ms }), '')
  return { 'done', 'canceled' }
end
if action == 'release' then
  if job.begun == '' then job.begun = ARGV[8] end
  requeue(job, 0, {}, 'released')
  return { 'queued', 0 }
end

job.begun = '1'
local blame, error, code = ARGV[8], ARGV[9], ARGV[10]
local fields = { 'error', error, 'run_ms', run_ms }
local delay = nil
if blame == 'model' then
  local failures = tonumber(job.failures) + 1
  table.insert(fields, 'failures') table.insert(fields, failures)
  if failures < tonumber(job.max_attempts) then delay = backoff(failures, 60000) end
elseif blame == 'crash' then
  local crashes = tonumber(job.crashes) + 1
  table.insert(fields, 'crashes') table.insert(fields, crashes)
  if crashes < tonumber(ARGV[11]) then delay = backoff(crashes, 60000) end
elseif blame == 'platform' then
  local faults = (tonumber(job.house_faults) or 0) + 1
  table.insert(fields, 'house_faults') table.insert(fields, faults)
  if NOW < tonumber(job.expires_at) then delay = backoff(faults, 60000) end
elseif blame == 'source' then
  local faults = redis.call('HINCRBY', job_key(id), 'source_faults', 1)
  if faults < tonumber(ARGV[12]) and NOW < tonumber(job.expires_at) then delay = backoff(faults, 60000) end
end
if delay then
  requeue(job, delay, fields, code)
  return { 'queued', delay }
end
finish(job, 'failed', with_partial(fields), code)
return { 'done', 'failed' }
