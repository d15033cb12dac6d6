-- Set before every script about the records of jobs, behind the prelude of `log`: reading and moving them, and the ids of jobs
-- that were purged.

-- How jobs end, and the column of usage that counts it.
local COUNTED_AS = { succeeded = USED_SUCCEEDED, failed = USED_FAILED, canceled = USED_CANCELED }

-- Of what an idempotency key holds, which is the id of its job and the hash of its body.
local function job_of_key(kept) return string.sub(kept, 1, 38) end
local function index_key(tenant, status) return P .. 'index:' .. tenant .. ':' .. status end

-- Reads named fields of a job as a table of strings; absent ones are ''.
local function read(id, fields)
  local values = redis.call('HMGET', job_key(id), unpack(fields))
  local job = { id = id }
  for i, field in ipairs(fields) do job[field] = values[i] or '' end
  return job
end

-- What every move needs to know.
local fields_of_moves = { 'status', 'tenant', 'fence', 'settled', 'created_us', 'rank', 'cancel_at', 'expires_at', 'failures',
    'crashes', 'lost', 'house_faults', 'retention', 'webhook', 'retry_delay', 'begun', 'line', 'links', 'charged', 'routed', 'after_end',
    'started_at', 'revision', 'folded', 'moves', 'unbegun', 'began', 'progress', 'key', 'batch', 'checkpoint' }
local function load(id) return read(id, fields_of_moves) end

-- The same, and the whole record as Redis has it: names and values in turn.
local function load_whole(id)
  local list, job = redis.call('HGETALL', job_key(id)), { id = id }
  for _, field in ipairs(fields_of_moves) do job[field] = '' end
  for i = 1, #list, 2 do job[list[i]] = list[i + 1] end
  return job, list
end

local function is_terminal(status) return COUNTED_AS[status] ~= nil end
local function is_open(status) return status == 'queued' or status == 'running' end

-- Moves the job to a status: record, indexes, event and the hint to watchers, all at once. Every transition but the
-- first ends here. `fields`: what else the record says from now on, by name; `columns`: what else its move does. Answers what it
-- wrote, names and values in turn.
local function move(job, status, fields, reason, columns)
  local key = job_key(job.id)
  tell_move(job, status, reason, columns)
  fields.moves = job.moves
  job.revision = whole((tonumber(job.revision) or 0) + 1)
  local flat, n = { 'status', status, 'revision', job.revision }, 4
  for field, value in pairs(fields) do
    flat[n + 1], flat[n + 2] = field, value
    n = n + 2
  end
  redis.call('HSET', key, unpack(flat))
  if job.status ~= status then
    take_from_set(index_key(job.tenant, job.status), job.id)
    add_to_set(index_key(job.tenant, status), job.created_us, job.id)
    if job.status == 'running' then
      take_from_set(P .. 'lease', job.id)
      if policy_of(job.tenant).cap < NEVER then uncap(job.tenant) end
    end
    if job.status == 'queued' then
      count_in(job, -1)
      leave_line(job)
    end
    if status == 'queued' then count_in(job, 1) end
  end
  -- On the way there nobody waits for it, and each process that listens would be woken.
  if is_terminal(status) then hint(CHANGES_CHANNEL, job.id .. ' ' .. status) end
  job.status = status
  return flat
end

-- The version that the last attempt began on; nil when there was none.
local function version_begun(job)
  return string.match('\n' .. job.moves, '^.*\n%d+%-%d+\trunning\t[^\n]*\t([^\t\n]*)\n')
end

-- Whether the newest attempt ended itself: before its end stands its claim, and the end is no loss. One that believes to hold a job
-- that somebody else moved is told that it is fenced. In layout 2 there was a field for it.
local function has_settled(job)
  if job.moves == '' then return job.settled ~= '' and job.settled == job.fence end
  local claim, reason = string.match('\n' .. job.moves, '\n[^\t\n]+\t(%a+)\t[^\n]*\n[^\t\n]+\t%a+\t%d+\t([^\t\n]*)[^\n]*\n$')
  return claim == 'running' and reason ~= 'worker lost' and reason ~= 'worker_lost'
end

-- Counts a job in the part that its batch has in this shard. A batch whose results are written has none any more.
local function count_in_batch(batch, what, by)
  local part = P .. 'batch:' .. batch
  if batch ~= '' and redis.call('EXISTS', part) == 1 then redis.call('HINCRBY', part, what, by) end
end

local hooks = {}
-- Owes the webhook of the job's end, if its own address, an endpoint of its tenant or a hook of the operator wants to hear of it. What the record
-- will not say any more once the job is claimed or rerun is kept with it. `hooked` is what webhooks/mark.lua wrote. The record
-- keeps the times of these events, by which they are found when the job is purged.
local function owe(job, status)
  local own = job.webhook ~= '' and string.find(job.webhook, '"job.' .. status .. '"', 1, true)
  if hooks[job.tenant] == nil then hooks[job.tenant] = redis.call('HGET', P .. 'hooked', job.tenant) end
  local hooked = hooks[job.tenant]
  local told = own or job.after_end ~= '' or (hooked and string.find(hooked, ' job.' .. status .. ' ', 1, true))
  if not told then return end
  local now = redis.call('HMGET', job_key(job.id), 'version', 'error', 'owed_at')
  local version = version_begun(job)
  local began = tonumber(job.started_at) and whole(tonumber(job.started_at) + (tonumber(job.waited_ms) or 0)) or ''
  local entry = { job = job.id, tenant = job.tenant, status = status, n = job.revision, at = whole(NOW), attempt = starts_of(job),
    version = version or now[1] or given(job.id, 'version'), started_at = began, run_ms = job.run_ms or '' }
  -- As text: what a model put into it may be more than this parser takes.
  if status == 'failed' then entry.error = now[2] or '' end
  if own then entry.webhook = job.webhook end
  if job.after_end ~= '' then entry.after_end = true end
  redis.call('ZADD', P .. 'outbox', whole(NOW), cjson.encode(entry))
  redis.call('HINCRBY', job_key(job.id), 'owed', 1)
  redis.call('HSET', job_key(job.id), 'owed_at', string.sub((now[3] or '') .. ' ' .. whole(NOW), -OWED_CHARS))
end

-- Puts what the job leaves behind on the list of those whose large values go to the object store: at once if its log is
-- long, else when Redis is crowded. See shelf.lua.
local function leave_behind(job)
  local id = job.id
  local is_folded = not job.is_streamed or fold(id)
  if not is_folded and redis.call('MEMORY', 'USAGE', events_key(id), 'SAMPLES', 0) > LONG_LOG then
    add_to_set(P .. 'shelf', whole(NOW), id)
  elseif not is_folded or redis.call('HSTRLEN', job_key(id), 'output') > SPARED_BYTES
    or redis.call('HSTRLEN', job_key(id), 'input') > SPARED_BYTES then
    add_to_set(P .. 'bulky', whole(NOW), id)
  end
end

local function no_shelf(id)
  redis.call('ZREM', P .. 'shelf', id)
  redis.call('ZREM', P .. 'bulky', id)
end

-- Ends the job: leaves the open set, starts its retention, counts it, and owes its webhooks.
local function finish(job, status, fields, reason)
  local purge_at = NOW + tonumber(job.retention) * SECOND
  fields.finished_at = whole(NOW)
  if job.checkpoint ~= '' then
    drop_checkpoint(job)
    redis.call('HDEL', job_key(job.id), 'checkpoint')
  end
  -- What nobody asks for any more, or the moves tell, goes first: at its 17th field the record would grow by a whole table.
  if version_begun(job) then redis.call('HDEL', job_key(job.id), 'charged', 'worker', 'started_at') end
  move(job, status, fields, reason, job.columns)
  take_from_set(P .. 'open', job.id)
  add_to_set(P .. 'purge', whole(purge_at), job.id)
  add_to_field(P .. 'counts', status, 1)
  if job.batch ~= '' then count_in_batch(job.batch, status, 1) end
  use(job, COUNTED_AS[status], 1)
  if job.ran_ms then note_length(status, job.ran_ms) else add_to_minute(status, 1) end
  if reason == 'expired' then use(job, USED_EXPIRED, 1) end
  use(job, USED_BYTES_OUT, job.bytes_out or 0)
  keep_bytes(job, job.stored_bytes or 0)
  owe(job, status)
  leave_behind(job)
end

-- Brings fields back to nothing that are not.
local function reset(job, fields, resets)
  for field, nothing in pairs(resets) do
    if job[field] ~= '' then fields[field] = nothing end
  end
end

-- Ends a job that waits, and tells the worker of one that runs. Answers which of the two it did; nothing for any other job, or
-- when its worker was told before.
local function cancel(job)
  if job.status == 'queued' then
    finish(job, 'canceled', {}, '')
    return 'canceled'
  end
  if job.status ~= 'running' or job.cancel_at ~= '' then return end
  redis.call('HSET', job_key(job.id), 'cancel_at', whole(NOW))
  redis.call('HINCRBY', job_key(job.id), 'revision', 1)
  hint(CANCELS_CHANNEL, job.id)
  return 'stopping'
end

-- When a queued job is to be looked at: just after its deadline, which it has before it until its model has begun.
local function next_look(job) return job.begun == '' and whole(tonumber(job.expires_at) + 1) or NEVER end

-- Puts the job back into the line, to start no earlier than in `delay` milliseconds.
local function requeue(job, delay, fields, reason)
  fields.retry_delay = whole(delay)
  reset(job, fields, REQUEUE_RESETS)
  fields.begun = job.begun
  move(job, 'queued', fields, reason, job.columns)
  line_up(job, NOW + delay)
  add_to_set(P .. 'open', next_look(job), job.id)
end

local pauses = nil
-- Somebody has paused the model, or the version of that line, and wants no submits meanwhile; see pause.lua.
local function refuses_submits(line)
  pauses = pauses or redis.call('HGETALL', P .. 'paused')
  for i = 1, #pauses, 2 do
    if (pauses[i] == '*' or pauses[i] == line) and string.find(pauses[i + 1], ' refuse', 1, true) then return true end
  end
  return false
end

-- failed -> queued, with fresh counters and without partial output.
local function rerun(job)
  job.expires_at, job.begun, job.lost = NOW + tonumber(given(job.id, 'expires_in')), '', '0'
  redis.call('ZREM', P .. 'purge', job.id)
  no_shelf(job.id)
  local fields = {}
  for field, nothing in pairs(RERUN_RESETS) do fields[field] = nothing end
  fields.expires_at = whole(job.expires_at)
  requeue(job, 0, fields, RERUN_REASON)
  use(job, USED_RERAN, 1)
  count_in_batch(job.batch, 'failed', -1)
  add_to_minute('reran', 1)
end

-- A page of the jobs of a tenant with these statuses, after the place `at` and `at_id`. The indexes are walked as one, by the time of
-- creation, which never changes: a job that goes from one to another meanwhile is neither missed nor met twice. Answers also whether
-- these are the last.
local function walk(tenant, statuses, at, at_id, to)
  -- Where the last page ended, some of the same microsecond may have been left.
  local function is_new(found) return found.score ~= at or found.id > at_id end
  local function is_before(a, b)
    if a.score ~= b.score then return tonumber(a.score) < tonumber(b.score) end
    return a.id < b.id
  end
  -- `known`: how far all indexes were read, where one has more. What the others have beyond that comes in its turn.
  local page, known = {}, nil
  for status in string.gmatch(statuses, '%a+') do
    local flat = redis.call('ZRANGEBYSCORE', index_key(tenant, status), at, to, 'WITHSCORES', 'LIMIT', 0, PAGE)
    for i = 1, #flat, 2 do
      local found = { id = flat[i], score = flat[i + 1] }
      if is_new(found) then page[#page + 1] = found end
      if i == 2 * PAGE - 1 and not (known and is_before(known, found)) then known = found end
    end
  end
  table.sort(page, is_before)
  local count, all = math.min(PAGE, #page), #page
  while known and count > 0 and is_before(known, page[count]) do count = count - 1 end
  for n = all, count + 1, -1 do page[n] = nil end
  return page, not known and count == all
end

-- Keeps where the next page begins, in the fields `at` and `at_id` of the key.
local function walk_on(key, at, page)
  local last = page[#page]
  if last then
    redis.call('HSET', key, 'at', last.score, 'at_id', last.id)
  else
    -- As many of one microsecond as a page takes: the rest of them cannot be told apart from these.
    redis.call('HSET', key, 'at', whole(tonumber(at) + 1), 'at_id', '')
  end
end

local function error_json(code, message, retryable, attempt)
  return cjson.encode({ code = code, message = message, retryable = retryable, attempt = tonumber(attempt) or 0 })
end

-- The deadline is one for the first start of the model: what is tried again, or is given back in the middle, has met it.
-- What was claimed and given back before its model began has not.
local function is_late(job) return job.begun == '' and NOW > tonumber(job.expires_at) end

-- Counts of ends that no process can count for itself, as metrics show them: see ModelTally.
local function tally(what) redis.call('HINCRBY', P .. 'tally', what, 1) end

local function expire(job)
  tally('expired')
  local error = error_json('expired', 'No worker was free before the job expired.', true, job.fence)
  finish(job, 'failed', { error = error }, 'expired')
end

-- The ids of purged jobs are kept for a day, in one hash for each hour (id without its model -> tenant): a key of its own for
-- each would cost more than twice as much memory. Older versions left records with the status `purged` instead, for 30 days;
-- these still count.

local THIS_HOUR = math.floor(NOW / HOUR)

local function purged_key(hour) return P .. 'erased:' .. whole(hour) end

local function bury(id, tenant)
  redis.call('HSET', purged_key(THIS_HOUR), string.sub(id, 13), tenant)
  -- The reconciler takes it away before; see forget_purged.
  redis.call('EXPIRE', purged_key(THIS_HOUR), (PURGED_HOURS + 3) * HOUR_SECONDS)
end

-- Whose job it was that was purged within so many hours; nil when there was none.
local function tenant_of_purged(id, hours)
  for hour = THIS_HOUR, THIS_HOUR - hours, -1 do
    local tenant = redis.call('HGET', purged_key(hour), string.sub(id, 13))
    if tenant then return tenant end
  end
end

-- Memory of millions of ids is given back beside the one thread of Redis; their expiry would hold it up.
local function forget_purged()
  redis.call('UNLINK', purged_key(THIS_HOUR - PURGED_HOURS - 1), purged_key(THIS_HOUR - PURGED_HOURS - 2))
end
