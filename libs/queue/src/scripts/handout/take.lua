-- take: attempts of a worker end, and it is given the jobs it has room for. Which ones is decided here and now: of all that wait in
-- the lines it serves the tenant whose turn it is, of that tenant the first. Each job is given with its fence, and a lease by the
-- clock of Redis.

gather()
local ended = {}
for n, one in ipairs(args.ends) do ended[n] = settle(one) end
carry_out()

local answered_key = P .. 'taken:' .. args.process
-- The records that are given, and each with its fence, as it is kept for the case that the reply is lost.
local taken, answer = {}, { args.seq }

-- The reply to this very call was lost and the client asked again: what it was given then, and has not ended since. Each gets its
-- lease anew. Other work may have begun in that process meanwhile: then a suspect goes back, for it could not be alone.
local function repeat_answer(kept)
  for id, fence in string.gmatch(kept, ' (%S+):(%d+)') do
    local job = load(id)
    if job.status == 'running' and job.fence == fence then
      if is_suspect(job) and not args.alone then
        charge_real(job, 0)
        use_attempt(job, nil, false, 0, 0)
        job.unbegun = whole((tonumber(job.unbegun) or 0) + 1)
        requeue(job, 0, { unbegun = job.unbegun }, 'released')
      else
        add_to_set(P .. 'lease', whole(NOW + args.lease), id)
        table.insert(taken, { id, redis.call('HGETALL', job_key(id)) })
      end
    end
  end
  carry_out()
end

local function estimate(line) return pace_of(line).mean or FIRST_ESTIMATE_MS end

-- As it is kept.
local worker = string.sub(string.gsub(args.worker, '%c', ' '), 1, WORKER_CHARS)

-- Gives the job to the worker, unless its time is over; its tenant has been charged for it and stood there then. `list`: the
-- record as Redis has it. Answers whether it did.
local function give(job, list, stood)
  if is_late(job) then
    expire(job)
    return false
  end
  job.fence = whole((tonumber(job.fence) or 0) + 1)
  local fields = { fence = job.fence, worker = worker, started_at = whole(NOW) }
  reset(job, fields, CLAIM_RESETS)
  if job.began ~= '' then fields.began = '' end
  fields.charged = whole(estimate(job.line)) .. ' ' .. exactly(stood)
  local columns = '\t' .. job.fence .. '\t' .. worker .. '\t' .. args.version
  -- Of another version it could not be told whether it means the same there.
  local version = select(4, checkpoint_of(job))
  local reason = version == args.version and RESUMED_REASON or ''
  for _, text in ipairs(move(job, 'running', fields, reason, columns)) do list[#list + 1] = text end
  add_to_set(P .. 'lease', whole(NOW + args.lease), job.id)
  taken[#taken + 1] = { job.id, list }
  answer[#answer + 1] = job.id .. ':' .. job.fence
  return true
end

-- Whose turn it is in the line, and until where it stays so there. What nobody served for long is not far behind: who waits there
-- does not get the devices of all others for it.
local function head_of(line)
  local pace = pace_of(line)
  while true do
    local first = redis.call('ZRANGE', turn_key(line), 0, 1, 'WITHSCORES')
    local tenant = first[1]
    if not tenant then return false end
    local room = room_of(tenant)
    if room <= 0 then
      has_place[place_of(line, tenant)] = nil
      redis.call('ZREM', turn_key(line), tenant)
      redis.call('ZADD', capped_key(line), first[2], tenant)
    else
      local behind = turns_now().clock - (first[2] + pace.shift)
      if behind > MOST_BEHIND_MS then note_pace(line, 'shift', pace.shift + behind - MOST_BEHIND_MS) end
      local after = first[4] and first[4] + pace.shift or math.huge
      return { line = line, tenant = tenant, turn = first[2] + pace.shift, after = after, rival = first[3], room = room }
    end
  end
end

-- In two lines the same tenant is next. Answers the one with the older job, and how many of it are older than that of the other.
local function older_of(a, b)
  local function rank_of_first(head) return redis.call('ZRANGE', wait_key(head.line, head.tenant), 0, 0, 'WITHSCORES')[2] or '0' end
  local rank_a, rank_b = rank_of_first(a), rank_of_first(b)
  local first, other_rank = a, rank_b
  if tonumber(rank_b) < tonumber(rank_a) then first, other_rank = b, rank_a end
  first.room = math.max(1, math.min(first.room, redis.call('ZCOUNT', wait_key(first.line, first.tenant), '-inf', other_rank)))
  return first
end

-- The line whose next job is to be given, and until which turn of its tenant no other one is.
local function next_head(heads)
  local next, until_turn = nil, math.huge
  for _, line in ipairs(args.lines) do
    if heads[line] == nil then heads[line] = head_of(line) end
    local head = heads[line]
    if head and not next then
      next = head
    elseif head and head.tenant == next.tenant then
      next = older_of(next, head)
    elseif head then
      until_turn = math.min(until_turn, math.max(head.turn, next.turn))
      if head.turn < next.turn then next = head end
    end
  end
  return next, next and math.min(until_turn, next.after)
end

-- Gives jobs of the line's first tenant, up to so many. Answers how many were given to nobody.
local function give_from(head, count)
  local line, tenant = head.line, head.tenant
  local by = estimate(line) / policy_of(tenant).weight
  local row = redis.call('ZPOPMIN', wait_key(line, tenant), count)
  local stood, given, given_up = head.turn - pace_of(line).shift, 0, 0
  for i = 1, #row, 2 do
    local job, list = load_whole(row[i])
    job.is_out = true
    if job.status ~= 'queued' then
      drop_stray({ id = job.id, line = line, tenant = tenant, is_out = true })
      if job.status == 'running' then adopt(job) end
    elseif give(job, list, stood + (given + 1) * by) then
      given = given + 1
    end
  end
  if given > 0 then
    charge(line, tenant, given * estimate(line))
    local served = head.turn + (given - 1) * by
    if served > turns_now().clock then note_turn('clock', served) end
    -- For who reads the line alone, and for processes of older versions.
    note_pace(line, 'shift', pace_of(line).shift)
    note_pace(line, 'clock', clock_of(line))
  end
  if #row < 2 * count or redis.call('EXISTS', wait_key(line, tenant)) == 0 then rest(line, tenant) end
  return #row / 2 - given
end

-- Answers whether it stopped although there may be more: jobs that are given to nobody, as their time is over, are many when the
-- pool was away for long.
local function take_in_turn()
  local heads, given_up = {}, 0
  while #taken < args.n do
    if given_up >= PAGE then return true end
    local next, until_turn = next_head(heads)
    if not next then return false end
    -- As many as there would be if each were looked for anew.
    local by = estimate(next.line) / policy_of(next.tenant).weight
    local in_turn = math.max(1, math.ceil((until_turn - next.turn) / by))
    given_up = given_up + give_from(next, math.min(args.n - #taken, next.room, in_turn))
    -- Where it is next or would have been, things have changed.
    for _, line in ipairs(args.lines) do
      local head = heads[line]
      if head and (head.tenant == next.tenant or head.rival == next.tenant) then heads[line] = nil end
    end
  end
  return false
end

local function early_key(line) return P .. 'early:' .. line end

-- The suspect of a line that may be given next, and since when it waits. It is given in its tenant's turn. So that it does not
-- wait for all that others have in the line, one is given before its turn, but only one in the time of a lease: so a tenant
-- whose jobs take workers down has not the pool for it.
local function next_suspect(line)
  local waiting = redis.call('ZRANGE', suspect_key(line), 0, SUSPECTS_SEEN - 1, 'WITHSCORES')
  if not waiting[1] then return end
  local first = redis.call('ZRANGE', turn_key(line), 0, 0, 'WITHSCORES')[2]
  local may_be_early = redis.call('EXISTS', early_key(line)) == 0
  for i = 1, #waiting, 2 do
    local job = load(waiting[i])
    if job.status ~= 'queued' then
      drop_stray({ id = job.id, line = line, tenant = job.tenant })
      if job.status == 'running' then adopt(job) end
    elseif is_at_cap(job.tenant) then
      -- Others are not to wait behind it.
      if #waiting == 2 * SUSPECTS_SEEN then redis.call('ZADD', suspect_key(line), whole(NOW), job.id) end
    else
      job.is_early = first and turn_of(line, job.tenant) > tonumber(first)
      if not job.is_early or may_be_early then return job, tonumber(waiting[i + 1]) end
    end
  end
end

-- A job that may have taken a worker down is given to one that holds nothing, and alone, so that the next loss blames the right
-- one. When none was idle for a while, one is asked to become so: the answer says whether it is this one.
local function take_suspect()
  for _, line in ipairs(args.lines) do
    local job, since = next_suspect(line)
    if job and args.alone then
      local is_early, whole_job, list = job.is_early, load_whole(job.id)
      local stood = turn_of(line, job.tenant) + estimate(line) / policy_of(job.tenant).weight
      if give(whole_job, list, stood) then
        charge(line, job.tenant, estimate(line))
        if is_early then redis.call('SET', early_key(line), '1', 'PX', args.lease) end
        redis.call('DEL', idler_key(line))
        return false
      end
    elseif job and NOW - since >= SUSPECT_PATIENCE_MS then
      -- A wish that nobody fulfils in its time is put to another one too.
      if redis.call('EXISTS', idler_key(line)) == 0 then
        redis.call('SET', idler_key(line), args.process .. ' ' .. whole(NOW + IDLER_MS), 'PX', math.min(args.lease, IDLER_MS))
      end
      if renew_wish(line) then return true end
    end
  end
  return false
end

-- In how many milliseconds there is something to do by the clock of Redis, as far as is known now. Who has no room left looks again
-- when there is some.
local function next_due(is_more)
  if is_more then return 1 end
  if #taken == args.n then return LOOK_MS end
  local due = NOW + LOOK_MS
  local later = redis.call('ZRANGE', P .. 'later', 0, 0, 'WITHSCORES')
  if later[2] then due = math.min(due, tonumber(later[2])) end
  local lease = redis.call('ZRANGE', P .. 'lease', 0, 0, 'WITHSCORES')
  if lease[2] then due = math.min(due, tonumber(lease[2])) end
  return math.max(1, due - NOW)
end

-- Somebody has paused the model, or the version that this worker has; see pause.lua.
local function is_paused()
  for _, pause in ipairs(redis.call('HMGET', P .. 'paused', '*', unpack(args.lines))) do
    if pause then return true end
  end
  return false
end

-- One is woken for each line in which somebody waits. A bell for what is gone would wake for nothing.
local function ring_or_not(is_drained)
  local silent = {}
  for _, line in ipairs(args.lines) do
    if not is_drained and redis.call('EXISTS', turn_key(line)) == 1 then
      ring(line)
    else
      silent[#silent + 1] = P .. 'bell:' .. line
    end
  end
  if silent[1] then redis.call('DEL', unpack(silent)) end
end

local function is_any_suspect()
  local keys = {}
  for n, line in ipairs(args.lines) do keys[n] = suspect_key(line) end
  return redis.call('EXISTS', unpack(keys)) > 0
end

if args.n == 0 then return { ended, {}, LOOK_MS, 0 } end
local known = redis.call('MGET', P .. 'layout', answered_key)
if is_newer(known[1]) then return { ended, {}, LOOK_MS, 0 } end
if known[2] and string.match(known[2], '^%d+') == args.seq then
  repeat_answer(known[2])
  return { ended, taken, next_due(), 0 }
end

recover(RECOVERED_PER_TAKE)
bring_due(PAGE)
carry_out()
if is_paused() then return { ended, {}, next_due(), 0 } end

local becomes_idle, is_more = is_any_suspect() and take_suspect(), false
local is_drained = false
if #taken == 0 and not becomes_idle then
  is_more = take_in_turn()
  is_drained = #taken < args.n and not is_more
end
carry_out()
ring_or_not(is_drained)
if #taken > 0 then redis.call('SET', answered_key, table.concat(answer, ' '), 'PX', ANSWER_KEPT_MS) end
return { ended, taken, next_due(is_more), becomes_idle and 1 or 0 }
