-- Set before every script about the records of jobs: reading and moving them, their logs, and the ids of jobs that were
-- purged.

local COUNTED_AS = { succeeded = true, failed = true, canceled = true }

-- Of what an idempotency key holds, which is the id of its job and the hash of its body.
local function job_of_key(kept) return string.sub(kept, 1, 38) end
local function index_key(tenant, status) return P .. 'index:' .. tenant .. ':' .. status end

-- Bytes that Redis uses and may use; the second is 0 when there is no limit, or when it may not be asked. Asked by the
-- scripts, for between two looks from outside a burst could fill it. A script asks once: it writes no more than it was sent, and
-- that is in memory already when it begins.
local bytes_used, bytes_most = nil, nil
local function memory()
  if bytes_used then return bytes_used, bytes_most end
  local info = redis.pcall('INFO', 'memory')
  if type(info) ~= 'string' then info = '' end
  local function number(name) return tonumber(string.match(info, '\n' .. name .. ':(%d+)')) or 0 end
  bytes_used, bytes_most = number('used_memory') - number('mem_not_counted_for_evict'), number('maxmemory')
  return bytes_used, bytes_most
end

-- The used share of what may be used, 0 without a limit.
local function memory_share()
  local used, most = memory()
  return most > 0 and used / most or 0
end

-- Reads named fields of a job as a table of strings; absent ones are ''.
local function read(id, fields)
  local values = redis.call('HMGET', job_key(id), unpack(fields))
  local job = { id = id }
  for i, field in ipairs(fields) do job[field] = values[i] or '' end
  return job
end

-- Of what the submitter said: all that no move needs lies in one field. Records of layout 2 have a field for each.
local function given(id, name)
  local kept = redis.call('HMGET', job_key(id), name, 'given')
  return kept[1] or (kept[2] and cjson.decode(kept[2])[name])
end

-- What every move needs to know.
local fields_of_moves = { 'status', 'tenant', 'fence', 'settled', 'created_us', 'rank', 'cancel_at', 'expires_at', 'failures',
    'crashes', 'lost', 'house_faults', 'retention', 'webhook', 'retry_delay', 'begun', 'line', 'links', 'charged',
    'started_at', 'revision', 'folded' }
local function load(id) return read(id, fields_of_moves) end

-- The same, and the whole record as Redis has it: names and values in turn.
local function load_whole(id)
  local list, job = redis.call('HGETALL', job_key(id)), { id = id }
  for _, field in ipairs(fields_of_moves) do job[field] = '' end
  for i = 1, #list, 2 do job[list[i]] = list[i + 1] end
  return job, list
end

local function is_terminal(status) return COUNTED_AS[status] == true end
local function is_open(status) return status == 'queued' or status == 'running' end

-- A hint to whoever listens; a channel that nobody follows costs next to nothing. One that is refused (a user without
-- channels) must not raise: Redis undoes nothing that the script has written, and the rest of the move would be missing.
local function hint(channel, text) redis.pcall('PUBLISH', channel, text) end

local function events_key(id) return P .. 'events:' .. id end

-- The log of a job lies folded in its record, as a list of ids and events, as long as there is little to tell; its first event is
-- told by the record without that. It is a stream while the job says something itself, or where its list became long, and is
-- folded again at its end if it is short. Whatever is in it, a stream takes 4 KB.
-- What comes before either may have gone to the object store (shelve.lua). Read by event-log.ts.
local function folded_log(folded, created_us)
  if folded then return cjson.decode(folded) end
  return { whole(math.floor(tonumber(created_us) / MS_US)) .. '-0', SUBMITTED }
end

local function unfold(id)
  -- A process of an older version may have begun one.
  if redis.call('EXISTS', events_key(id)) == 1 then return end
  local now = redis.call('HMGET', job_key(id), 'folded', 'created_us')
  local list = folded_log(now[1], now[2])
  for i = 1, #list, 2 do redis.call('XADD', events_key(id), list[i], 'e', list[i + 1]) end
  redis.call('HDEL', job_key(id), 'folded')
end

-- Answers whether it was short enough.
local function fold(id)
  if redis.call('XLEN', events_key(id)) > FOLDED_EVENTS then return false end
  local list, bytes = {}, 0
  for _, entry in ipairs(redis.call('XRANGE', events_key(id), '-', '+')) do
    table.insert(list, entry[1])
    table.insert(list, entry[2][2])
  end
  for _, text in ipairs(list) do bytes = bytes + #text end
  if bytes > FOLDED_BYTES then return false end
  redis.call('HSET', job_key(id), 'folded', cjson.encode(list))
  redis.call('DEL', events_key(id))
  return true
end

-- Adds an event to the job's log and tells whoever follows it.
local function tell(id, event)
  local at = redis.call('XADD', events_key(id), 'MAXLEN', '~', EVENTS_KEPT, '*', 'e', event)
  hint(EVENTS_CHANNELS .. id, at .. ' ' .. event)
end

-- The id of an event that comes now, after one with that id; as a stream would give it.
local function next_event_id(last)
  local ms, n = string.match(last, '^(%d+)%-(%d+)$')
  if tonumber(ms) < NOW then return whole(NOW) .. '-0' end
  return ms .. '-' .. whole(tonumber(n) + 1)
end

-- Adds the event of a move to the log. Answers the folded log, or nil when it was told to a stream.
local function tell_move(job, event)
  local text = cjson.encode(event)
  local list = redis.call('EXISTS', events_key(job.id)) == 0
    and folded_log(job.folded ~= '' and job.folded, job.created_us)
  if not list or #list >= 2 * FOLDED_EVENTS then
    unfold(job.id)
    tell(job.id, text)
    return nil
  end
  local at = next_event_id(list[#list - 1])
  hint(EVENTS_CHANNELS .. job.id, at .. ' ' .. text)
  list[#list + 1], list[#list + 2] = at, text
  return cjson.encode(list)
end

-- What a log may weigh now: what is said meanwhile must not take the room in which jobs are to end.
local function bytes_allowed()
  local share = memory_share()
  if share > TIGHT then return SHORTEST_LOG end
  return share > FULL and SHORT_LOG or EVENT_BYTES_KEPT
end

-- Lets the oldest events go until the rest weighs no more than it may; the newest stays in any case.
local function trim_events(id)
  local key = events_key(id)
  local bytes = redis.call('MEMORY', 'USAGE', key, 'SAMPLES', 0)
  if bytes <= SHORTEST_LOG then return end
  local allowed = bytes_allowed()
  local count = redis.call('XLEN', key)
  while bytes > allowed and count > 1 do
    count = math.max(1, math.min(count - 1, math.floor(0.9 * count * allowed / bytes)))
    redis.call('XTRIM', key, 'MAXLEN', '=', count)
    bytes = redis.call('MEMORY', 'USAGE', key, 'SAMPLES', 0)
  end
end

-- Moves the job to a status: record, indexes, event and the hint to watchers, all at once. Every transition but the
-- first ends here. `fields`: what else the record says from now on, by name. Answers what it wrote, names and values in turn.
local function move(job, status, fields, reason)
  local key = job_key(job.id)
  local attempt = job.fence ~= '' and job.fence or redis.call('HGET', key, 'fence')
  local event = { type = 'status', status = status, attempt = tonumber(attempt) or 0 }
  if reason and reason ~= '' then event.reason = reason end
  job.folded = tell_move(job, event) or ''
  if job.folded ~= '' then fields.folded = job.folded end
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
      count_in(job.line, -1)
      leave_line(job)
    end
    if status == 'queued' then count_in(job.line, 1) end
  end
  -- On the way there nobody waits for it, and each process that listens would be woken.
  if is_terminal(status) then hint(CHANGES_CHANNEL, job.id .. ' ' .. status) end
  job.status = status
  return flat
end

local hooks = {}
-- Owes the webhook of the job's end, if its own address or an endpoint of its tenant wants to hear of it. What the record
-- will not say any more once the job is claimed or rerun is kept with it. `hooked` is what webhooks/mark.lua wrote. The record
-- keeps the times of these events, by which they are found when the job is purged.
local function owe(job, status)
  local own = job.webhook ~= '' and string.find(job.webhook, '"job.' .. status .. '"', 1, true)
  if hooks[job.tenant] == nil then hooks[job.tenant] = redis.call('HGET', P .. 'hooked', job.tenant) end
  local hooked = hooks[job.tenant]
  if not own and not (hooked and string.find(hooked, ' job.' .. status .. ' ', 1, true)) then return end
  local now = redis.call('HMGET', job_key(job.id), 'revision', 'fence', 'version', 'started_at', 'run_ms', 'error',
    'owed_at')
  local entry = { job = job.id, tenant = job.tenant, status = status, n = now[1], at = whole(NOW), attempt = now[2] or '0',
    version = now[3] or given(job.id, 'version'), started_at = now[4] or '', run_ms = now[5] or '' }
  -- As text: what a model put into it may be more than this parser takes.
  if status == 'failed' then entry.error = now[6] or '' end
  if own then entry.webhook = job.webhook end
  redis.call('ZADD', P .. 'outbox', whole(NOW), cjson.encode(entry))
  redis.call('HINCRBY', job_key(job.id), 'owed', 1)
  redis.call('HSET', job_key(job.id), 'owed_at', string.sub((now[7] or '') .. ' ' .. whole(NOW), -OWED_CHARS))
end

-- Puts what the job leaves behind on the list of those whose large values go to the object store: at once if its log is
-- long, else when Redis is crowded. See shelf.lua.
local function leave_behind(job)
  local id = job.id
  local is_folded = job.folded ~= '' or fold(id)
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
  fields.purge_at = whole(purge_at)
  fields.settled = job.fence
  move(job, status, fields, reason)
  take_from_set(P .. 'open', job.id)
  add_to_set(P .. 'purge', whole(purge_at), job.id)
  add_to_field(P .. 'counts', status, 1)
  owe(job, status)
  leave_behind(job)
end

-- Ends a job that no attempt settles: one that still believes to hold it is told that it is fenced.
local function finish_unheld(job, status, fields, reason)
  job.fence = ''
  finish(job, status, fields, reason)
end

-- When a queued job is to be looked at: just after its deadline, which it has before it until its model has begun.
local function next_look(job) return job.begun == '' and whole(tonumber(job.expires_at) + 1) or NEVER end

-- Puts the job back into the line, to start no earlier than in `delay` milliseconds.
local function requeue(job, delay, fields, reason)
  fields.retry_delay = whole(delay)
  fields.settled = job.fence
  for field, nothing in pairs(REQUEUE_RESETS) do fields[field] = nothing end
  fields.begun = job.begun
  move(job, 'queued', fields, reason)
  line_up(job, NOW + delay)
  add_to_set(P .. 'open', next_look(job), job.id)
end

local function error_json(code, message, retryable, attempt)
  return cjson.encode({ code = code, message = message, retryable = retryable, attempt = tonumber(attempt) or 0 })
end

-- The deadline is one for the first start of the model: what is tried again, or is given back in the middle, has met it.
-- What was claimed and given back before its model began has not.
local function is_late(job) return job.begun == '' and NOW > tonumber(job.expires_at) end

local function expire(job)
  local error = error_json('expired', 'No worker was free before the job expired.', true, job.fence)
  finish_unheld(job, 'failed', { error = error }, 'expired')
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
