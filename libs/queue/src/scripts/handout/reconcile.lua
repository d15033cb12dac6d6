-- reconcile: what nobody else may come to do: leases that ended, jobs whose time has come, and those past their deadline, page by
-- page. Workers do the first two as well whenever they take; where none takes, this does.

if is_newer() then return { 0, 0, 0, 0, 0, 0, 0, 0, 0 } end
if redis.call('EXISTS', P .. 'reconciling') == 1 then return { 0, 0, 0, 1, 0, 0, 0, 0, 0 } end

local function expire_late()
  local due = redis.call('ZRANGEBYSCORE', P .. 'open', '-inf', whole(NOW), 'LIMIT', 0, PAGE)
  local expired = 0
  for _, id in ipairs(due) do
    local job = load(id)
    if job.status == 'queued' and is_late(job) then
      expire(job)
      expired = expired + 1
    elseif is_open(job.status) then
      if job.status == 'running' then adopt(job) end
      -- It has begun, or runs: its deadline does not count unless it comes back without having begun.
      redis.call('ZADD', P .. 'open', job.status == 'queued' and next_look(job) or NEVER, id)
    else
      redis.call('ZREM', P .. 'open', id)
    end
  end
  return expired, #due == PAGE
end

-- A tenant at its cap comes back with the end of one of its jobs, in the same script. Nothing should leave it out; if something
-- has, it comes back here, for none is passed over for ever.
local function look_at_lines()
  local lines = redis.call('HGETALL', P .. 'lines')
  for i = 1, #lines, 2 do
    local line = lines[i]
    for _, tenant in ipairs(redis.call('ZRANDMEMBER', capped_key(line), PAGE)) do uncap(tenant) end
    if redis.call('EXISTS', turn_key(line)) == 1 then ring(line) end
    local is_empty = redis.call('EXISTS', turn_key(line), capped_key(line), suspect_key(line), P .. 'later') == 0
    if is_empty or lines[i + 1] == '0' then
      redis.call('HDEL', P .. 'lines', line)
      redis.call('DEL', priority_key(line, 'high'), priority_key(line, 'low'))
    end
  end
end

-- Once: the priorities of what waits since a version that did not note them. What comes and goes meanwhile is noted as it does.
local function learn_priorities()
  local at = redis.call('GET', P .. 'priorities') or '0'
  if at == 'known' then return false end
  local page = redis.call('ZSCAN', P .. 'open', at, 'COUNT', PAGE)
  for i = 1, #page[2], 2 do
    local job = read(page[2][i], { 'status', 'line', 'created_us', 'rank' })
    if job.status == 'queued' and job.line ~= '' then note_priority(job, 'SADD') end
  end
  redis.call('SET', P .. 'priorities', page[1] == '0' and 'known' or page[1])
  return page[1] ~= '0'
end

local recovered, abandoned, more_leases = recover(PAGE)
local more_due = bring_due(PAGE)
local expired, more_late = expire_late()
look_at_lines()
local more = learn_priorities() or more_leases or more_due or more_late
if more then redis.call('SET', P .. 'reconciling', '1', 'PX', PAGES_APART_MS) end
local steer = redis.call('HMGET', P .. 'steer', 'traffic', 'untold')
return { expired, abandoned, recovered, more and 1 or 0, has_former(args.model) and 1 or 0,
  redis.call('EXISTS', P .. 'cancellations'), (steer[1] or steer[2]) and 1 or 0,
  redis.call('EXISTS', P .. 'relocations'), redis.call('EXISTS', P .. 'dropped') }
