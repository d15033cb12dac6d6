-- Set before every script that puts jobs into a line or takes them out of one, behind the prelude of `shares`. A line is what the
-- same workers may run: the jobs of a version, or those of a contract. In a line each tenant has a row of its own (`wait:`),
-- ordered by rank. Jobs whose time has not come are in `later`; those that may have taken a worker down, in `suspect:`.

local function wait_key(line, tenant) return P .. 'wait:' .. line .. ':' .. tenant end
local function suspect_key(line) return P .. 'suspect:' .. line end

-- Wakes one worker that waits for the line; one wake is enough, for who wakes passes it on while jobs are left.
local rung = {}
local function ring(line)
  if rung[line] then return end
  rung[line] = true
  local bell = P .. 'bell:' .. line
  if redis.call('LLEN', bell) == 0 then redis.call('RPUSH', bell, '1') end
end

-- It may have taken a worker down. While its files are still to be fetched it may do so beside others.
local function is_suspect(job) return (tonumber(job.lost) or 0) > 0 and job.links ~= '1' end

-- Its place among those of its tenant, which is kept only where it is not the time of its submit.
local function rank_of(job) return job.rank ~= '' and job.rank or job.created_us end

-- Puts a waiting job where it waits: until `due`, alone, or in the row of its tenant. What has no line yet, being of the former
-- layout, waits until it is carried over; see upgrade/.
local function line_up(job, due)
  if job.line == '' then
    redis.call('ZADD', P .. 'line', rank_of(job), job.id)
  elseif due > NOW then
    add_to_set(P .. 'later', whole(due), job.id)
    -- Who sleeps looks again after LOOK_MS; of what is due before, somebody has to know.
    if due < NOW + LOOK_MS then ring(job.line) end
  elseif is_suspect(job) then
    add_to_set(suspect_key(job.line), whole(NOW), job.id)
    ring(job.line)
  else
    add_to_set(wait_key(job.line, job.tenant), rank_of(job), job.id)
    join_turn(job.line, job.tenant)
    ring(job.line)
  end
end

-- Takes a job out of the row of its tenant.
local function leave_row(job)
  write_out_set(wait_key(job.line, job.tenant))
  redis.call('ZREM', wait_key(job.line, job.tenant), job.id)
  if redis.call('EXISTS', wait_key(job.line, job.tenant)) == 0 then rest(job.line, job.tenant) end
end

-- The jobs of a line that wait with high or with low priority. All others have normal priority, and so cost nothing here. Jobs that a
-- version of Millrace kept which did not know of these sets are put into them by reconcile.lua; `priorities` says how far it is.
local function priority_key(line, priority) return P .. priority .. ':' .. line end

-- A rank that is no whole millisecond is the time of the submit with the head start of the priority. Another may be a start time.
local function priority_of(job)
  if job.rank == '' then return 'normal' end
  if tonumber(job.rank) % MS_US == 0 then return given(job.id, 'priority') end
  local ahead = tonumber(job.created_us) - tonumber(job.rank)
  return ahead > 0 and 'high' or ahead < 0 and 'low' or 'normal'
end

-- Changes what is known of the priorities in the line of a job: SADD as it comes to wait, SREM as it waits no more.
local function note_priority(job, command)
  local priority = priority_of(job)
  if priority ~= 'high' and priority ~= 'low' then return end
  write_member(command, priority_key(job.line, priority), string.sub(job.id, 13))
end

-- Counts a job in its line, or no more: `by` is 1 or -1. What has no line is not counted.
local function count_in(job, by)
  if job.line == '' then return end
  add_to_field(P .. 'lines', job.line, by)
  note_priority(job, by > 0 and 'SADD' or 'SREM')
end

-- A process of the former layout moves jobs without a look at the lines. What it has left in one is taken away here.
local function drop_stray(job)
  write_out_set(wait_key(job.line, job.tenant))
  local in_row = job.is_out or redis.call('ZREM', wait_key(job.line, job.tenant), job.id) == 1
  if not job.is_out and in_row and redis.call('EXISTS', wait_key(job.line, job.tenant)) == 0 then rest(job.line, job.tenant) end
  local elsewhere = redis.call('ZREM', P .. 'later', job.id) + redis.call('ZREM', suspect_key(job.line), job.id)
  if job.line == '' or not in_row and elsewhere == 0 then return end
  add_to_field(P .. 'lines', job.line, -1)
  -- Which priority it had may be known no more.
  for _, priority in ipairs({ 'high', 'low' }) do
    write_member('SREM', priority_key(job.line, priority), string.sub(job.id, 13))
  end
end

-- Takes a waiting job away from where it waits. `is_out`: it was taken out of its row already.
local function leave_line(job)
  if job.is_out then return end
  if job.line == '' then
    redis.call('ZREM', P .. 'line', job.id)
  elseif redis.call('ZREM', P .. 'later', job.id) + redis.call('ZREM', suspect_key(job.line), job.id) == 0 then
    leave_row(job)
  end
end

-- The tenant may have more jobs run than it has: where it was at its cap it has its turns again. It saved nothing up there.
local function uncap(tenant)
  if is_at_cap(tenant) then return end
  charge_now()
  for _, line in ipairs(redis.call('HKEYS', P .. 'lines')) do
    local used = redis.call('ZSCORE', capped_key(line), tenant)
    if used then
      redis.call('ZREM', capped_key(line), tenant)
      redis.call('ZADD', turn_key(line), math.max(tonumber(used), clock_of(line)), tenant)
      ring(line)
    end
  end
end
