-- take: attempts of a worker end, and it is given the jobs it has room for. Which ones is decided here and now: of the lines it
-- serves the one whose next job is oldest, in it the tenant whose turn it is, of that tenant the first. Each job is given with
-- its fence, and a lease by the clock of Redis.

gather()
local ended = {}
for n, one in ipairs(args.ends) do ended[n] = settle(one) end
carry_out()

local answered_key = P .. 'taken:' .. args.process

-- The reply to this very call was lost and the client asked again: what it was given then, and has not ended since. Each gets its
-- lease anew. Other work may have begun in that process meanwhile: then a suspect goes back, for it could not be alone.
local function repeat_answer(kept)
  local taken = {}
  for id, fence in string.gmatch(kept, ' (%S+):(%d+)') do
    local job = load(id)
    if job.status == 'running' and job.fence == fence then
      if is_suspect(job) and not args.alone then
        charge_real(job, 0)
        requeue(job, 0, {}, 'released')
      else
        add_to_set(P .. 'lease', whole(NOW + args.lease), id)
        table.insert(taken, { id, redis.call('HGETALL', job_key(id)) })
      end
    end
  end
  carry_out()
  return taken
end

local function estimate(line) return pace_of(line).mean or FIRST_ESTIMATE_MS end

-- Gives the job to the worker, unless its time is over. Answers whether it did.
local function give(job, taken)
  if is_late(job) then
    expire(job)
    return false
  end
  local charged = estimate(job.line)
  local stands = charge(job.line, job.tenant, charged)
  local fence = redis.call('HINCRBY', job_key(job.id), 'fence', 1)
  job.fence = whole(fence)
  local fields = {}
  for field, nothing in pairs(CLAIM_RESETS) do fields[field] = nothing end
  fields.worker, fields.version, fields.started_at = args.worker, args.version, whole(NOW)
  fields.charged = whole(charged) .. ' ' .. stands
  move(job, 'running', fields, '')
  add_to_set(P .. 'lease', whole(NOW + args.lease), job.id)
  table.insert(taken, { job.id, redis.call('HGETALL', job_key(job.id)), fence })
  return true
end

-- The job that a line would give next: whose turn it is, and the first in that row.
local function head_of(line)
  while true do
    local first = redis.call('ZRANGE', turn_key(line), 0, 0, 'WITHSCORES')
    local tenant = first[1]
    if not tenant then return false end
    if is_at_cap(tenant) then
      redis.call('ZREM', turn_key(line), tenant)
      redis.call('ZADD', capped_key(line), first[2], tenant)
    else
      local head = redis.call('ZRANGE', wait_key(line, tenant), 0, 0, 'WITHSCORES')
      if head[1] then
        return { id = head[1], rank = tonumber(head[2]), tenant = tenant, turn = tonumber(first[2]), line = line }
      end
      rest(line, tenant)
    end
  end
end

-- Answers whether it stopped although there may be more: jobs that are given to nobody, as their time is over, are many when the
-- pool was away for long.
local function take_in_turn(taken)
  local heads, given_up = {}, 0
  while #taken < args.n do
    if given_up == PAGE then return true end
    local next
    for _, line in ipairs(args.lines) do
      if heads[line] == nil then heads[line] = head_of(line) end
      if heads[line] and (not next or heads[line].rank < next.rank) then next = heads[line] end
    end
    if not next then return false end
    -- A tenant may be the next of several lines, and at its cap after this.
    for _, line in ipairs(args.lines) do
      if heads[line] and heads[line].tenant == next.tenant then heads[line] = nil end
    end
    if next.turn > clock_of(next.line) then note_pace(next.line, 'clock', next.turn) end
    local job = load(next.id)
    job.in_row = true
    if job.status ~= 'queued' then drop_stray(next) end
    if job.status == 'running' then adopt(job) end
    if job.status ~= 'queued' or not give(job, taken) then given_up = given_up + 1 end
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
local function take_suspect(taken)
  for _, line in ipairs(args.lines) do
    local job, since = next_suspect(line)
    if job and args.alone then
      if give(job, taken) then
        if job.is_early then redis.call('SET', early_key(line), '1', 'PX', args.lease) end
        redis.call('DEL', P .. 'idler:' .. line)
        return false
      end
    elseif job and NOW - since >= SUSPECT_PATIENCE_MS then
      local idler = redis.call('GET', P .. 'idler:' .. line)
      if not idler then redis.call('SET', P .. 'idler:' .. line, args.process, 'PX', IDLER_MS) end
      if not idler or idler == args.process then return true end
    end
  end
  return false
end

-- In how many milliseconds there is something to do by the clock of Redis, as far as is known now.
local function next_due(is_more)
  if is_more then return 1 end
  local due = NOW + LOOK_MS
  local later = redis.call('ZRANGE', P .. 'later', 0, 0, 'WITHSCORES')
  if later[2] then due = math.min(due, tonumber(later[2])) end
  local lease = redis.call('ZRANGE', P .. 'lease', 0, 0, 'WITHSCORES')
  -- While nobody is taken for lost, a lease that has ended is nothing to come back for.
  if lease[2] then due = math.min(due, math.max(tonumber(lease[2]), tonumber(redis.call('GET', P .. 'amnesty')) or 0)) end
  return math.max(1, due - NOW)
end

if args.n == 0 or is_newer() then return { ended, {}, LOOK_MS, 0 } end
local kept = redis.call('GET', answered_key)
if kept and string.match(kept, '^%d+') == args.seq then return { ended, repeat_answer(kept), next_due(), 0 } end

recover(RECOVERED_PER_TAKE)
bring_due(PAGE)
carry_out()
-- Somebody has paused the model, or the version that this worker has; see pause.lua.
local function is_paused()
  for _, pause in ipairs(redis.call('HMGET', P .. 'paused', '*', unpack(args.lines))) do
    if pause then return true end
  end
  return false
end
if is_paused() then return { ended, {}, next_due(), 0 } end

local taken = {}
local becomes_idle = take_suspect(taken)
local is_more = false
if #taken == 0 and not becomes_idle then is_more = take_in_turn(taken) end
carry_out()
for _, line in ipairs(args.lines) do
  if redis.call('EXISTS', turn_key(line)) == 1 then ring(line) else redis.call('DEL', P .. 'bell:' .. line) end
end
if #taken > 0 then
  local answer = args.seq
  for n, one in ipairs(taken) do answer = answer .. ' ' .. one[1] .. ':' .. one[3] end
  redis.call('SET', answered_key, answer, 'PX', ANSWER_KEPT_MS)
  for _, one in ipairs(taken) do one[3] = nil end
end
return { ended, taken, next_due(is_more), becomes_idle and 1 or 0 }
