-- Set before the scripts that give jobs to workers and take them back, behind those of `lines` and `jobs`.

-- In place of what was reckoned at its claim, the tenant is charged what the attempt took. Milliseconds.
local function charge_real(job, ms)
  local reckoned, stood = string.match(job.charged, '^(%S+) (%S+)$')
  charge_later(job.line, job.tenant, ms - (tonumber(reckoned) or 0), tonumber(stood))
end

-- How long a running job waited for its attempt, as the record tells it (moves.ts): since it could start first, or came back into the
-- line, until its model began; if that never began, until now. Milliseconds.
local function queued_ms(job, waited_ms, has_begun)
  local moves, claimed, since = job.moves, nil, nil
  if string.find(moves, '\n', 1, true) == #moves then
    -- Its first attempt: the claim is all that there is.
    claimed = string.match(moves, '^%d+')
  else
    since, claimed = string.match('\n' .. moves, '^.*\n(%d+)%-%d+\t[^\n]*\n(%d+)%-%d+\t[^\n]*\n$')
  end
  claimed, since = tonumber(claimed or job.started_at) or NOW, tonumber(since)
  if not since then
    since = math.floor(tonumber(job.created_us) / MS_US)
    if job.rank ~= '' then since = math.max(since, tonumber(given(job.id, 'run_at')) or 0) end
  end
  local began = tonumber(waited_ms) and claimed + tonumber(waited_ms)
  return math.max(0, (began or has_begun and claimed or NOW) - since)
end

-- Counts what an attempt that ends has used: before its end is told, for it looks at the moves until then.
local function use_attempt(job, waited_ms, has_begun, run_ms, device_ms)
  local waited = queued_ms(job, waited_ms, has_begun)
  use(job, USED_QUEUE_MS, waited)
  if has_begun then note_length('wait', waited) end
  use(job, USED_RUN_MS, run_ms)
  use(job, USED_DEVICE_MS, device_ms)
  spend(job.tenant, device_ms)
end

-- The n-th wait of a growing row, in milliseconds.
local function backoff(n) return math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ^ math.min(n - 1, 20)) end

-- A running job whose lease has ended: its worker is lost, and with it what it knew, such as whether the model began. It is
-- charged for as long as it was held, so that nobody has the devices for nothing.
local function lose(job)
  local held_ms = math.max(0, NOW - (tonumber(job.started_at) or NOW))
  charge_real(job, held_ms)
  use_attempt(job, job.began, true, 0, held_ms)
  job.waited_ms, job.columns = job.began, job.began ~= '' and '\t' .. job.began
  if job.cancel_at ~= '' then
    finish(job, 'canceled', {}, 'worker lost')
    tally('canceled')
    return 'canceled'
  end
  local crashes = (tonumber(job.crashes) or 0) + 1
  job.lost, job.begun = (tonumber(job.lost) or 0) + 1, '1'
  if crashes >= CRASHES_ALLOWED then
    local error = error_json('worker_lost', 'The worker was lost while it held this job, ' .. crashes .. ' times.', true, job.fence)
    finish(job, 'failed', { crashes = crashes, error = error }, 'worker_lost')
    tally('failed')
    return 'failed'
  end
  use(job, USED_RETRIED, 1)
  requeue(job, 0, { crashes = crashes, lost = job.lost }, 'worker lost')
  tally('requeued')
  return 'queued'
end

-- Who cannot reach Redis cannot renew a lease. When nobody was heard for a while, Redis may have been away: answers since when
-- nobody was heard, and until when all have time to come back. Nothing, when the last silence is over for long. That somebody was
-- heard is noted now and then, and not at each call.
local function last_silence()
  local kept = redis.call('MGET', P .. 'heard', P .. 'silence')
  local heard = tonumber(kept[1]) or NOW
  local silent = NOW - heard
  if not kept[1] or silent < 0 or silent > HEARD_EVERY_MS then redis.call('SET', P .. 'heard', whole(NOW)) end
  if silent > HEARD_EVERY_MS + args.lease / 4 then
    local ends = NOW + math.floor(COME_BACK_MS + args.lease / 4)
    redis.call('SET', P .. 'silence', whole(heard) .. ' ' .. whole(ends), 'PX', whole(ends - NOW))
    return heard, ends
  end
  if kept[2] then
    local since, ends = string.match(kept[2], '^(%d+) (%d+)$')
    return tonumber(since), tonumber(ends)
  end
end

-- Spares a lease that ended, once, if Redis may have been away. A worker beats four times in a lease. So one that lives and has not
-- renewed it found nobody since the first half of that time; when somebody was heard in the second half, it is gone. That a lease
-- was spared stands in its score, as a fraction, until it is renewed: so however often nobody is heard, it ends.
local function spare(id, ended, since, ends)
  if not since or ended < since + args.lease / 2 or ended % 1 > 0 then return false end
  redis.call('ZADD', P .. 'lease', whole(ends) .. '.5', id)
  return true
end

-- Of a line: the process that was asked to become idle for a suspect, and until when it has time. It is a lease: whoever does not
-- say in time that it is still about it may be gone.
local function idler_key(line) return P .. 'idler:' .. line end

-- Answers whether this process was asked.
local function renew_wish(line)
  local process, ends = string.match(redis.call('GET', idler_key(line)) or '', '^(%S+) (%d+)$')
  if process ~= args.process then return false end
  redis.call('PEXPIRE', idler_key(line), math.max(1, math.min(args.lease, ends - NOW)))
  return true
end

local function ticket_key(model, name) return P .. 'bull:' .. model .. ':' .. name end

-- Processes of the former layout give a job to whoever has its ticket of BullMQ. It is taken away, wherever it is.
local function take_ticket(model, id)
  for _, set in ipairs({ 'prioritized', 'delayed' }) do redis.call('ZREM', ticket_key(model, set), id) end
  for _, list in ipairs({ 'wait', 'active', 'paused' }) do redis.call('LREM', ticket_key(model, list), 0, id) end
  redis.call('DEL', ticket_key(model, id), ticket_key(model, id .. ':lock'))
end

-- A job that runs in a process of the former layout has no lease, for that process knows of none. It is given one here, and
-- keeps it as long as that process shows in the record that it is alive; see `is_former_alive`. Answers whether it had none.
local function adopt(job)
  if redis.call('ZSCORE', P .. 'lease', job.id) then return false end
  redis.call('ZADD', P .. 'lease', whole(NOW + FORMER_LOOK_MS), job.id)
  drop_stray(job)
  return true
end

-- Of a job whose lease has ended: whether it runs in a process of the former layout that was heard of late. No other process
-- writes this field, and what is carried over loses it.
local function is_former_alive(id)
  local heard = tonumber(redis.call('HGET', job_key(id), 'heartbeat_at'))
  if not heard then return false end
  if NOW - heard < FORMER_SILENCE_MS then
    redis.call('ZADD', P .. 'lease', whole(NOW + FORMER_LOOK_MS), id)
    return true
  end
  take_ticket(redis.call('HGET', job_key(id), 'model'), id)
  redis.call('HDEL', job_key(id), 'heartbeat_at')
  return false
end

-- Whether there is something for upgrade/carry_over.lua: a shard that was never walked through, jobs that a process of the
-- former layout left, or what BullMQ keeps although none of its workers is alive.
local function has_former(model)
  if (tonumber(redis.call('GET', P .. 'layout')) or 0) < LAYOUT then return true end
  if redis.call('EXISTS', P .. 'line') == 1 then return redis.call('EXISTS', P .. 'contracts') == 1 end
  return redis.call('EXISTS', ticket_key(model, 'meta')) == 1 and redis.call('EXISTS', ticket_key(model, 'stalled-check')) == 0
end

-- Whether the shard is of a layout that this process does not know: it leaves the jobs alone then.
local function is_newer(layout) return (tonumber(layout or redis.call('GET', P .. 'layout')) or 0) > LAYOUT end

-- Its lease has ended. Answers what became of the job; nothing when it is not lost.
local function end_lease(id)
  local job = load(id)
  if job.status == 'running' then return not is_former_alive(id) and lose(job) end
  redis.call('ZREM', P .. 'lease', id)
end

-- Leases that have ended. Answers how many came back into the line, how many were canceled with their worker, and whether
-- there may be more.
local function recover(most)
  local since, ends = last_silence()
  local ended = redis.call('ZRANGEBYSCORE', P .. 'lease', '-inf', whole(NOW), 'WITHSCORES', 'LIMIT', 0, most)
  local back, abandoned = 0, 0
  for i = 1, #ended, 2 do
    local id = ended[i]
    if not spare(id, tonumber(ended[i + 1]), since, ends) then
      local outcome = end_lease(id)
      if outcome == 'canceled' then
        abandoned = abandoned + 1
      elseif outcome then
        back = back + 1
      end
    end
  end
  return back, abandoned, #ended == 2 * most
end

-- Jobs whose time has come go into the line. Answers whether there may be more.
local function bring_due(most)
  local due = redis.call('ZRANGEBYSCORE', P .. 'later', '-inf', whole(NOW), 'LIMIT', 0, most)
  for _, id in ipairs(due) do
    redis.call('ZREM', P .. 'later', id)
    local job = read(id, { 'status', 'tenant', 'line', 'created_us', 'rank', 'lost', 'links' })
    if job.status == 'queued' then
      line_up(job, 0)
    else
      count_in(job, -1)
      if job.status == 'running' then adopt(job) end
    end
  end
  return #due == most
end

-- How long the jobs of a line run, as a moving mean. Milliseconds.
local function note_mean(line, run_ms)
  local mean = pace_of(line).mean or run_ms
  note_pace(line, 'mean', mean + PACE_WEIGHT * (run_ms - mean))
end

local function runs_key(line) return P .. 'runs:' .. line end

-- Counts a run of a line by the step of its length. Steps grow by a fifth, so there are few. When one is full all are halved: the
-- newest hundreds of runs say most. Read by run-times.ts.
local function count_run(line, ms)
  local step = math.floor(RUN_STEPS * math.log(math.max(1, ms)) / math.log(2))
  local counted = redis.call('HINCRBY', runs_key(line), whole(step), RUN_WEIGHT)
  if counted == RUN_WEIGHT then redis.call('EXPIRE', runs_key(line), RUNS_KEPT_SECONDS) end
  if counted < RUNS_FULL then return end
  local all = redis.call('HGETALL', runs_key(line))
  for i = 1, #all, 2 do
    local half = math.floor(all[i + 1] / 2)
    if half > 0 then redis.call('HSET', runs_key(line), all[i], whole(half)) else redis.call('HDEL', runs_key(line), all[i]) end
  end
  redis.call('EXPIRE', runs_key(line), RUNS_KEPT_SECONDS)
end

-- In how many milliseconds a failed attempt is followed by another; nil when none follows. Counts the failure in `fields`.
local function delay_of_retry(job, blame, fields)
  if blame == 'model' then
    fields.failures = (tonumber(job.failures) or 0) + 1
    if fields.failures < tonumber(given(job.id, 'max_attempts')) then return backoff(fields.failures) end
  elseif blame == 'crash' then
    fields.crashes = (tonumber(job.crashes) or 0) + 1
    if fields.crashes < CRASHES_ALLOWED then return backoff(fields.crashes) end
  elseif blame == 'platform' then
    fields.house_faults = (tonumber(job.house_faults) or 0) + 1
    if NOW < tonumber(job.expires_at) then return backoff(fields.house_faults) end
  elseif blame == 'source' then
    local faults = redis.call('HINCRBY', job_key(job.id), 'source_faults', 1)
    if faults < SOURCE_FAULTS_ALLOWED and NOW < tonumber(job.expires_at) then return backoff(faults) end
  end
end

-- What the attempt tells of its phases goes into the columns of its end, and is counted. One whose model never began was no start of it.
local function note_phases(job, one, fields)
  local ran = one.run_ms or one.used_ms
  local has_begun = one.action == 'succeed' or one.begun or ran or one.waited_ms or one.blame == 'model' or one.blame == 'crash'
  if not has_begun then
    job.unbegun = whole((tonumber(job.unbegun) or 0) + 1)
    fields.unbegun = job.unbegun
  end
  job.waited_ms, job.run_ms, job.ran_ms = one.waited_ms, one.run_ms, tonumber(ran)
  if one.waited_ms or ran or one.device or one.fetched_ms then
    job.columns = '\t' .. (one.waited_ms or '') .. '\t' .. (ran or '') .. '\t' .. (one.device or '')
    if one.fetched_ms then job.columns = job.columns .. '\t' .. one.fetched_ms end
  end
  use_attempt(job, one.waited_ms, has_begun, tonumber(ran) or 0, tonumber(ran) or 0)
end

-- Counts how a job ended that the split of traffic gave to its version, for tend.lua. What a lost worker, a client or the platform
-- has ended says nothing of the version.
local function count_outcome(job, word)
  if job.routed ~= '' then add_to_field(P .. 'tally', job.line .. ' ' .. word, 1) end
end

-- How an attempt ends. Only the current fence may; a zombie is told so and changes nothing. The output of a job that fails or is
-- canceled is what its model had given so far; it is kept only when the job ends. `crowded`: nothing was changed, for want of
-- room: the output is to be kept elsewhere first.
local function settle(one)
  local id, fence = one.id, one.fence
  local job = load(id)
  if job.status == '' or job.fence ~= fence then return { 'fenced' } end
  if job.status ~= 'running' then
    -- The reply of this very settling was lost and the client asked again.
    local is_again = has_settled(job)
    if is_again and is_terminal(job.status) then return { 'done', job.status } end
    if is_again and job.status == 'queued' then return { 'queued', tonumber(job.retry_delay) } end
    return { 'fenced' }
  end
  if one.output and #one.output > SPARED_BYTES and memory_share() > CROWDED then return { 'crowded' } end

  local ran_ms = tonumber(one.run_ms or one.used_ms)
  charge_real(job, ran_ms or 0)
  -- What was given back says nothing of how long a run takes.
  if ran_ms and job.line ~= '' and one.action ~= 'release' then count_run(job.line, ran_ms) end
  -- What is not given stays as it is.
  local fields = { output = one.output, output_files = one.output_files }
  note_phases(job, one, fields)
  -- A worker of an older version does not tell it.
  job.bytes_out, job.stored_bytes = one.bytes or #(one.output or ''), one.stored or 0
  if one.action == 'succeed' then
    note_mean(job.line, tonumber(one.run_ms))
    fields.model_metrics = one.model_metrics
    -- An attempt before may have left one.
    if job.fence ~= '1' then fields.error = '' end
    finish(job, 'succeeded', fields, '')
    count_outcome(job, 'succeeded')
    return { 'done', 'succeeded' }
  end
  -- Whoever asked for a stop is not given a retry.
  if job.cancel_at ~= '' or one.action == 'stop' then
    finish(job, 'canceled', fields, '')
    return { 'done', 'canceled' }
  end
  if one.action == 'release' then
    if job.begun == '' and one.begun then job.begun = '1' end
    requeue(job, one.delay or 0, { unbegun = fields.unbegun }, 'released')
    return { 'queued', one.delay or 0 }
  end

  job.begun = '1'
  fields.error = one.error
  local delay = delay_of_retry(job, one.blame, fields)
  if delay then
    fields.output, fields.output_files = nil, nil
    if job.ran_ms then note_length('retried', job.ran_ms) end
    use(job, USED_RETRIED, 1)
    requeue(job, delay, fields, one.code)
    return { 'queued', delay }
  end
  finish(job, 'failed', fields, one.code)
  if one.is_own then count_outcome(job, 'failed') end
  return { 'done', 'failed' }
end
