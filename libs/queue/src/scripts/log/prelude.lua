-- Set before every script about the records of jobs: what became of a job, as lines of its record and as a stream, and how much
-- memory there is for it.

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

-- A hint to whoever listens; a channel that nobody follows costs next to nothing. One that is refused (a user without
-- channels) must not raise: Redis undoes nothing that the script has written, and the rest of the move would be missing.
local function hint(channel, text) redis.pcall('PUBLISH', channel, text) end

local function events_key(id) return P .. 'events:' .. id end

-- What became of a job is kept as a line for each move, the oldest first. Its columns, with tabs between them: the id of its event,
-- the status that it led to, how often the model was started until then, and the reason or nothing. Of a claim also the fence, the
-- worker and its version; of the end of an attempt, as far as it is known, how long it waited in the worker before the model began,
-- how long that ran, on what, and how long its inputs were fetched before. The attempts of a job are read from it, and so is its log as long as the job says nothing itself.

local function event_of(status, attempt, reason)
  local text = '{"type":"status","status":"' .. status .. '","attempt":' .. attempt
  if reason ~= '' then text = text .. ',"reason":' .. cjson.encode(reason) end
  return text .. '}'
end

-- Event id of the last move; nil when there was none.
local function last_move(moves) return string.match('\n' .. moves, '^.*\n(%d+%-%d+)\t') end

-- How many starts of its model there were. What was claimed and ended before its model began is none.
local function starts_of(job) return whole((tonumber(job.fence) or 0) - (tonumber(job.unbegun) or 0)) end

-- Of very many attempts the first and the newest are kept. What follows a rerun counts as one.
local function trim_moves(job)
  local most = ATTEMPTS_FIRST + ATTEMPTS_NEWEST
  local bytes = #job.moves
  if bytes <= MOVES_BYTES and (tonumber(job.fence) or 0) <= most then return end
  local parts = {}
  for line in string.gmatch(job.moves, '[^\n]*\n') do
    local begins = string.find(line, '^[^\t]*\trunning\t') or string.find(line, RERUN_REASON, 1, true)
    if begins or not parts[1] then table.insert(parts, line) else parts[#parts] = parts[#parts] .. line end
  end
  while #parts > most or (bytes > MOVES_BYTES and #parts > ATTEMPTS_FIRST + 1) do
    bytes = bytes - #table.remove(parts, ATTEMPTS_FIRST + 1)
  end
  job.moves = table.concat(parts)
end

-- The log of a job is a stream while the job says something itself, or where its moves became many, and is folded into one field
-- at its end if it is short: whatever is in it, a stream takes 4 KB. Before and without a stream, the moves tell it, and that it
-- was submitted. What comes before either may have gone to the object store (shelve.lua). Read by event-log.ts.
local function unfold(id)
  -- A process of an older version may have begun one.
  if redis.call('EXISTS', events_key(id)) == 1 then return end
  local now = redis.call('HMGET', job_key(id), 'folded', 'created_us', 'moves')
  if now[1] then
    local list = cjson.decode(now[1])
    for i = 1, #list, 2 do redis.call('XADD', events_key(id), list[i], 'e', list[i + 1]) end
    redis.call('HDEL', job_key(id), 'folded')
    return
  end
  redis.call('XADD', events_key(id), whole(math.floor(tonumber(now[2]) / MS_US)) .. '-0', 'e', SUBMITTED)
  for at, status, attempt, reason in string.gmatch(now[3] or '', '(%S+)\t(%a+)\t(%d+)\t([^\t\n]*)[^\n]*\n') do
    redis.call('XADD', events_key(id), at, 'e', event_of(status, attempt, reason))
  end
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

-- Adds an event to the job's log, tells whoever follows it, and answers its id.
local function tell(id, event)
  local at = redis.call('XADD', events_key(id), 'MAXLEN', '~', EVENTS_KEPT, '*', 'e', event)
  hint(EVENTS_CHANNELS .. id, at .. ' ' .. event)
  return at
end

-- The id of an event that comes now, after one with that id; as a stream would give it.
local function next_event_id(last)
  local ms, n = string.match(last, '^(%d+)%-(%d+)$')
  if tonumber(ms) < NOW then return whole(NOW) .. '-0' end
  return ms .. '-' .. whole(tonumber(n) + 1)
end

-- Adds a move to what is kept of them, and to the log. `columns`: what it says beyond the first four.
local function tell_move(job, status, reason, columns)
  local attempt = starts_of(job)
  local text = event_of(status, attempt, reason)
  local at
  local is_long = select(2, string.gsub(job.moves, '\n', '')) >= FOLDED_EVENTS - 1
  if is_long or job.folded ~= '' or redis.call('EXISTS', events_key(job.id)) == 1 then
    unfold(job.id)
    at = tell(job.id, text)
    job.is_streamed, job.folded = true, ''
  else
    at = next_event_id(last_move(job.moves) or whole(math.floor(tonumber(job.created_us) / MS_US)) .. '-0')
    hint(EVENTS_CHANNELS .. job.id, at .. ' ' .. text)
  end
  job.moves = job.moves .. at .. '\t' .. status .. '\t' .. attempt .. '\t' .. reason .. (columns or '') .. '\n'
  trim_moves(job)
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
