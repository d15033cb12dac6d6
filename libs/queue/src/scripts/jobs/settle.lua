-- settle: how an attempt ends. Only the current fence may; a zombie is told so and changes nothing. The output of a job that
-- fails or is canceled is what its model had given so far; it is kept only when the job ends. `crowded`: nothing was changed,
-- for want of room: the output is to be kept elsewhere first.

local id, fence = args.id, args.fence
local job = load(id)

if job.status == '' or job.fence ~= fence then return { 'fenced' } end
if job.status ~= 'running' then
  -- The reply of this very settling was lost and the client asked again.
  if job.settled == fence and is_terminal(job.status) then return { 'done', job.status } end
  if job.settled == fence and job.status == 'queued' then return { 'queued', tonumber(job.retry_delay) } end
  return { 'fenced' }
end

if args.output and #args.output > SPARED_BYTES and memory_share() > CROWDED then return { 'crowded' } end

-- The n-th wait of a growing row, in milliseconds.
local function backoff(n) return math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ^ math.min(n - 1, 20)) end

-- What is not given stays as it is.
local fields = { output = args.output, output_files = args.output_files, run_ms = args.run_ms }

if args.action == 'succeed' then
  fields.error, fields.model_metrics = '', args.model_metrics
  finish(job, 'succeeded', fields, '')
  return { 'done', 'succeeded' }
end

-- Whoever asked for a stop is not given a retry.
if job.cancel_at ~= '' or args.action == 'stop' then
  finish(job, 'canceled', fields, '')
  return { 'done', 'canceled' }
end
if args.action == 'release' then
  if job.begun == '' and args.begun then job.begun = '1' end
  requeue(job, 0, {}, 'released')
  return { 'queued', 0 }
end

job.begun = '1'
fields.error = args.error
local delay = nil
if args.blame == 'model' then
  fields.failures = tonumber(job.failures) + 1
  if fields.failures < tonumber(job.max_attempts) then delay = backoff(fields.failures) end
elseif args.blame == 'crash' then
  fields.crashes = tonumber(job.crashes) + 1
  if fields.crashes < CRASHES_ALLOWED then delay = backoff(fields.crashes) end
elseif args.blame == 'platform' then
  fields.house_faults = (tonumber(job.house_faults) or 0) + 1
  if NOW < tonumber(job.expires_at) then delay = backoff(fields.house_faults) end
elseif args.blame == 'source' then
  local faults = redis.call('HINCRBY', job_key(id), 'source_faults', 1)
  if faults < SOURCE_FAULTS_ALLOWED and NOW < tonumber(job.expires_at) then delay = backoff(faults) end
end
if delay then
  fields.output, fields.output_files = nil, nil
  requeue(job, delay, fields, args.code)
  return { 'queued', delay }
end
finish(job, 'failed', fields, args.code)
return { 'done', 'failed' }
