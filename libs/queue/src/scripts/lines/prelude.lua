-- Set before every script that puts jobs into a line or takes them out of one. A line is what the same workers may run: the
-- jobs of a version, or those of a contract. In a line each tenant has a row of its own (`wait:`), ordered by rank, and a turn
-- (`turn:`): the device time that it has used, divided by its weight. The tenant with the least is next. A tenant without jobs
-- in the line rests; what it used above the clock of the line is kept meanwhile (`rested:`), and nothing is saved up.
-- Jobs whose time has not come are in `later`; those that may have taken a worker down, in `suspect:`.

local function wait_key(line, tenant) return P .. 'wait:' .. line .. ':' .. tenant end
local function turn_key(line) return P .. 'turn:' .. line end
local function capped_key(line) return P .. 'capped:' .. line end
local function rested_key(line) return P .. 'rested:' .. line end
local function suspect_key(line) return P .. 'suspect:' .. line end
-- Of a line: `clock`, the turn that was served last; `joined`, the turn of who came last; `mean`, how long its jobs run, in
-- milliseconds.
local function pace_key(line) return P .. 'pace:' .. line end

-- Wakes one worker that waits for the line; one wake is enough, for who wakes passes it on while jobs are left.
local function ring(line)
  local bell = P .. 'bell:' .. line
  if redis.call('LLEN', bell) == 0 then redis.call('RPUSH', bell, '1') end
end

-- What was set for a tenant (`share_out` in submit.lua): its weight, and how many of its jobs may run at once.
local policies = {}
local function policy_of(tenant)
  if not policies[tenant] then
    local weight, cap = string.match(redis.call('HGET', P .. 'policy', tenant) or '', '^(%S+) (%S+)$')
    policies[tenant] = { weight = tonumber(weight) or 1, cap = tonumber(cap) or NEVER }
  end
  return policies[tenant]
end

local function is_at_cap(tenant)
  local cap = policy_of(tenant).cap
  return cap < NEVER and redis.call('ZCARD', P .. 'index:' .. tenant .. ':running') >= cap
end

local function clock_of(line) return tonumber(redis.call('HGET', pace_key(line), 'clock')) or 0 end

-- The tenant has jobs in the line now. Who comes back begins where the line is, and not where it was when it left. When nobody
-- waited and nothing ran, devices were there for all: who used them owes nothing.
local function join_turn(line, tenant)
  if redis.call('ZSCORE', turn_key(line), tenant) or redis.call('ZSCORE', capped_key(line), tenant) then return end
  if redis.call('EXISTS', turn_key(line), capped_key(line), P .. 'lease') == 0 then redis.call('DEL', rested_key(line)) end
  local used = tonumber(redis.call('ZSCORE', rested_key(line), tenant)) or 0
  redis.call('ZREM', rested_key(line), tenant)
  local clock = clock_of(line)
  if used <= clock then
    -- Of those that come while the clock stands, the first to come is the first to go, and not the first by name.
    local joined = tonumber(redis.call('HGET', pace_key(line), 'joined')) or 0
    used = joined < clock and clock or joined + JOIN_STEP_MS
    redis.call('HSET', pace_key(line), 'joined', string.format('%.17g', used))
  end
  redis.call('ZADD', turn_key(line), used, tenant)
end

-- The tenant has no job in the line any more.
local function rest(line, tenant)
  local used = tonumber(redis.call('ZSCORE', turn_key(line), tenant) or redis.call('ZSCORE', capped_key(line), tenant)) or 0
  redis.call('ZREM', turn_key(line), tenant)
  redis.call('ZREM', capped_key(line), tenant)
  local clock = clock_of(line)
  redis.call('ZREMRANGEBYSCORE', rested_key(line), '-inf', clock)
  if used > clock then redis.call('ZADD', rested_key(line), used, tenant) end
end

-- Where the tenant stands, with or without jobs in the line.
local function turn_of(line, tenant)
  local used = redis.call('ZSCORE', turn_key(line), tenant) or redis.call('ZSCORE', capped_key(line), tenant)
  if used then return tonumber(used) end
  return math.max(tonumber(redis.call('ZSCORE', rested_key(line), tenant)) or 0, clock_of(line))
end

-- Adds to what the tenant has used of the line's devices, wherever that is kept just now, and answers where it stands then.
-- Milliseconds, perhaps below 0. `stood`: where it stood when the job that is charged for was given out. The line may have gone
-- past a tenant that rests, and it is not charged for that too.
local function charge(line, tenant, ms, stood)
  if line == '' then return '0' end
  local by = ms / policy_of(tenant).weight
  for _, key in ipairs({ turn_key(line), capped_key(line) }) do
    if redis.call('ZSCORE', key, tenant) then return redis.call('ZINCRBY', key, by, tenant) end
  end
  local used = (tonumber(redis.call('ZSCORE', rested_key(line), tenant)) or stood or clock_of(line)) + by
  if used > clock_of(line) then
    redis.call('ZADD', rested_key(line), used, tenant)
  else
    redis.call('ZREM', rested_key(line), tenant)
  end
  return string.format('%.17g', used)
end

-- It may have taken a worker down. While its files are still to be fetched it may do so beside others.
local function is_suspect(job) return (tonumber(job.lost) or 0) > 0 and job.links ~= '1' end

-- Puts a waiting job where it waits: until `due`, alone, or in the row of its tenant. What has no line yet, being of the former
-- layout, waits until it is carried over; see upgrade/.
local function line_up(job, due)
  if job.line == '' then
    redis.call('ZADD', P .. 'line', job.rank, job.id)
  elseif due > NOW then
    redis.call('ZADD', P .. 'later', whole(due), job.id)
    -- Who sleeps looks again after LOOK_MS; of what is due before, somebody has to know.
    if due < NOW + LOOK_MS then ring(job.line) end
  elseif is_suspect(job) then
    redis.call('ZADD', suspect_key(job.line), whole(NOW), job.id)
    ring(job.line)
  else
    redis.call('ZADD', wait_key(job.line, job.tenant), job.rank, job.id)
    join_turn(job.line, job.tenant)
    ring(job.line)
  end
end

-- Takes a job out of the row of its tenant.
local function leave_row(job)
  redis.call('ZREM', wait_key(job.line, job.tenant), job.id)
  if redis.call('EXISTS', wait_key(job.line, job.tenant)) == 0 then rest(job.line, job.tenant) end
end

-- Changes how many jobs wait in a line. What has none is not counted.
local function count_in(line, by)
  if line ~= '' then redis.call('HINCRBY', P .. 'lines', line, by) end
end

-- A process of the former layout moves jobs without a look at the lines. What it has left in one is taken away here.
local function drop_stray(job)
  local in_row = redis.call('ZREM', wait_key(job.line, job.tenant), job.id) == 1
  if in_row and redis.call('EXISTS', wait_key(job.line, job.tenant)) == 0 then rest(job.line, job.tenant) end
  local elsewhere = redis.call('ZREM', P .. 'later', job.id) + redis.call('ZREM', suspect_key(job.line), job.id)
  if in_row or elsewhere > 0 then count_in(job.line, -1) end
end

-- Takes a waiting job away from where it waits. `in_row`: it is known to be in the row of its tenant.
local function leave_line(job)
  if job.line == '' then
    redis.call('ZREM', P .. 'line', job.id)
  elseif job.in_row or redis.call('ZREM', P .. 'later', job.id) + redis.call('ZREM', suspect_key(job.line), job.id) == 0 then
    leave_row(job)
  end
end

-- The tenant may have more jobs run than it has: where it was at its cap it has its turns again. It saved nothing up there.
local function uncap(tenant)
  if is_at_cap(tenant) then return end
  for _, line in ipairs(redis.call('HKEYS', P .. 'lines')) do
    local used = redis.call('ZSCORE', capped_key(line), tenant)
    if used then
      redis.call('ZREM', capped_key(line), tenant)
      redis.call('ZADD', turn_key(line), math.max(tonumber(used), clock_of(line)), tenant)
      ring(line)
    end
  end
end
