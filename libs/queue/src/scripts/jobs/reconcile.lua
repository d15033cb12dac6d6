-- reconcile: a page of open jobs whose time to be looked at has come, and of waiting jobs whose ticket may be lost. What was
-- submitted with its ticket has nothing to be looked at before its deadline, so however many wait, they are in nobody's way.

local model = args.model
local expired, abandoned, repaired, more = 0, 0, 0, 0

-- Tickets that workers have, and what is given back to be served first. They are few: read at most once.
local in_hand
local function is_in_hand(id)
  if not in_hand then
    in_hand = {}
    for _, list in ipairs({ 'active', 'wait', 'paused' }) do
      for _, one in ipairs(redis.call('LRANGE', bull_key(model, list), 0, -1)) do in_hand[one] = true end
    end
  end
  return in_hand[id]
end

-- Sees to it that an open job has a ticket that is served in time by the clock of Redis. Workers date what they put off by
-- their own clocks, and take it up again by their own clocks.
local function mend(job)
  local start = math.max(NOW, tonumber(job.not_before) or 0)
  local has_text = redis.call('EXISTS', bull_key(model, job.id)) == 1
  local due = redis.call('ZSCORE', bull_key(model, 'delayed'), job.id)
  due = due and math.floor(tonumber(due) / DELAY_STEP)
  if has_text and due and due > NOW and due <= start + SLACK_MS then return end
  if has_text and not due
    and (redis.call('ZSCORE', bull_key(model, 'prioritized'), job.id) or is_in_hand(job.id)) then return end
  redis.call('ZREM', bull_key(model, 'delayed'), job.id)
  hand_out(model, job.id, PRIORITIES[job.priority], tonumber(job.not_before) or 0)
  if not (has_text and due and due <= NOW) then repaired = repaired + 1 end
end

local function next_look(job)
  if job.status == 'running' then return NOW + (job.cancel_at == '' and RUNNING_LOOK_MS or CANCELING_LOOK_MS) end
  local deadline = job.begun == '' and tonumber(job.expires_at) + 1 or NEVER
  local start = tonumber(job.not_before) or 0
  return start > NOW and math.min(start + SLACK_MS, deadline) or deadline
end

local function look(id)
  local job = load(id)
  if job.status ~= 'queued' and job.status ~= 'running' then
    redis.call('ZREM', P .. 'open', id)
  elseif job.status == 'queued' and is_late(job) then
    expire(job)
    take_back(model, id)
    expired = expired + 1
  elseif job.status == 'running' and job.cancel_at ~= '' and NOW - tonumber(job.cancel_at) >= CANCEL_SILENCE_MS
    and NOW - tonumber(job.heartbeat_at) >= CANCEL_SILENCE_MS then
    finish_unheld(job, 'canceled', {}, 'worker silent')
    abandoned = abandoned + 1
  else
    job.priority = redis.call('HGET', job_key(id), 'priority')
    mend(job)
    redis.call('ZADD', P .. 'open', whole(next_look(job)), id)
  end
end

local function look_at_due()
  if redis.call('EXISTS', P .. 'reconciling') == 1 then
    more = 1
    return
  end
  local due = redis.call('ZRANGEBYSCORE', P .. 'open', '-inf', whole(NOW), 'LIMIT', 0, PAGE)
  for _, id in ipairs(due) do look(id) end
  if #due == PAGE then
    more = 1
    redis.call('SET', P .. 'reconciling', '1', 'PX', PAGES_APART_MS)
  end
end

-- Every open job has one ticket, so counting says whether some are missing. Then the line is walked through from its head,
-- page by page, to find whose; else slowly, a page now and then, for what counting does not see.
local function look_at_tickets()
  local open = redis.call('ZCARD', P .. 'open')
  if open == 0 then return end
  local tickets = redis.call('ZCARD', bull_key(model, 'prioritized')) + redis.call('ZCARD', bull_key(model, 'delayed'))
  for _, list in ipairs({ 'active', 'wait', 'paused' }) do tickets = tickets + redis.call('LLEN', bull_key(model, list)) end
  local is_missing = open > tickets
  local walk = redis.call('HMGET', P .. 'walk', 'at', 'hurries')
  local at, hurries = walk[1] or '-inf', walk[2] == '1'
  if redis.call('EXISTS', P .. 'walked') == 1 then
    if hurries then more = 1 end
    return
  end
  if is_missing and not hurries then at = '-inf' end
  hurries = is_missing
  local ids = redis.call('ZRANGEBYSCORE', P .. 'line', at, '+inf', 'LIMIT', 0, WALKED)
  local keys, places = {}, {}
  if #ids > 0 then
    for i, id in ipairs(ids) do keys[i] = bull_key(model, id) end
    places = redis.call('ZMSCORE', bull_key(model, 'prioritized'), unpack(ids))
  end
  local all_have_text = #ids == 0 or redis.call('EXISTS', unpack(keys)) == #ids
  for i, id in ipairs(ids) do
    if not (all_have_text and places[i]) then mend(read(id, { 'not_before', 'priority' })) end
  end
  local is_end = #ids < WALKED
  redis.call('HSET', P .. 'walk', 'at', is_end and '-inf' or redis.call('ZSCORE', P .. 'line', ids[#ids]),
    'hurries', (hurries and not is_end) and '1' or '')
  redis.call('SET', P .. 'walked', '1', 'PX', (hurries and not is_end) and HURRIED_WALK_MS or CALM_WALK_MS)
  if hurries and not is_end then more = 1 end
end

look_at_due()
look_at_tickets()
announce(model)
return { expired, abandoned, repaired, more }
