-- Set before every script that puts jobs into a line or takes them out of one. In a line each tenant has a turn (`turn:`): the
-- device time that it has used, divided by its weight. The tenant with the least is next. A tenant without jobs in the line
-- rests; what it used above the clock of the line is kept meanwhile (`rested:`), and nothing is saved up. One that has as many
-- jobs running as it may is in `capped:` instead.

local function turn_key(line) return P .. 'turn:' .. line end
local function capped_key(line) return P .. 'capped:' .. line end
local function rested_key(line) return P .. 'rested:' .. line end
local function pace_key(line) return P .. 'pace:' .. line end

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
  if cap >= NEVER then return false end
  local running = P .. 'index:' .. tenant .. ':running'
  write_out_set(running)
  return redis.call('ZCARD', running) >= cap
end

-- Of a line: `clock`, the turn that was served last; `joined`, the turn of who came last; `mean`, how long its jobs run, in
-- milliseconds. Read once by each script.
local paces = {}
local function pace_of(line)
  if not paces[line] then
    local kept = redis.call('HMGET', pace_key(line), 'clock', 'joined', 'mean')
    paces[line] = { clock = tonumber(kept[1]) or 0, joined = tonumber(kept[2]) or 0, mean = tonumber(kept[3]) }
  end
  return paces[line]
end

local function exactly(n) return string.format('%.17g', n) end

local function note_pace(line, name, value)
  pace_of(line)[name] = value
  set_field(pace_key(line), name, exactly(value))
end

local function clock_of(line) return pace_of(line).clock end

-- Who has joined or was seen in its place, by line and tenant.
local has_place = {}
local function place_of(line, tenant) return line .. ' ' .. tenant end

-- Adds to what the tenant has used of the line's devices, wherever that is kept just now, and answers where it stands then.
-- Milliseconds, perhaps below 0. `stood`: where it stood when the job that is charged for was given out. The line may have gone
-- past a tenant that rests, and it is not charged for that too.
local function charge(line, tenant, ms, stood)
  if line == '' then return '0' end
  local by = ms / policy_of(tenant).weight
  local used = redis.call('ZADD', turn_key(line), 'XX', 'INCR', exactly(by), tenant)
    or redis.call('ZADD', capped_key(line), 'XX', 'INCR', exactly(by), tenant)
  if used then return used end
  used = (tonumber(redis.call('ZSCORE', rested_key(line), tenant)) or stood or clock_of(line)) + by
  if used > clock_of(line) then
    redis.call('ZADD', rested_key(line), exactly(used), tenant)
  else
    redis.call('ZREM', rested_key(line), tenant)
  end
  return exactly(used)
end

-- Charges that a script has gathered, by line and tenant: the sum, and the last place at which one of its jobs was given out.
local charges = {}
local function charge_later(line, tenant, ms, stood)
  if not gathered then return charge(line, tenant, ms, stood) end
  charges[line] = charges[line] or {}
  local one = charges[line][tenant] or { ms = 0 }
  charges[line][tenant] = one
  one.ms = one.ms + ms
  if stood then one.stood = math.max(one.stood or stood, stood) end
end

local function charge_now()
  local now = charges
  charges = {}
  for line, tenants in pairs(now) do
    for tenant, one in pairs(tenants) do charge(line, tenant, one.ms, one.stood) end
  end
end

-- All that was gathered.
local function carry_out()
  charge_now()
  write_out()
end

-- The tenant has jobs in the line now. Who comes back begins where the line is, and not where it was when it left. When nobody
-- waited and nothing ran, devices were there for all: who used them owes nothing.
local function join_turn(line, tenant)
  if has_place[place_of(line, tenant)] then return end
  charge_now()
  write_out_set(P .. 'lease')
  has_place[place_of(line, tenant)] = true
  if redis.call('ZSCORE', turn_key(line), tenant) or redis.call('ZSCORE', capped_key(line), tenant) then return end
  if redis.call('EXISTS', turn_key(line), capped_key(line), P .. 'lease') == 0 then redis.call('DEL', rested_key(line)) end
  local used = tonumber(redis.call('ZSCORE', rested_key(line), tenant)) or 0
  redis.call('ZREM', rested_key(line), tenant)
  local pace = pace_of(line)
  if used <= pace.clock then
    -- Of those that come while the clock stands, the first to come is the first to go, and not the first by name.
    used = pace.joined < pace.clock and pace.clock or pace.joined + JOIN_STEP_MS
    note_pace(line, 'joined', used)
  end
  redis.call('ZADD', turn_key(line), exactly(used), tenant)
end

-- The tenant has no job in the line any more.
local function rest(line, tenant)
  has_place[place_of(line, tenant)] = nil
  local used = tonumber(redis.call('ZSCORE', turn_key(line), tenant) or redis.call('ZSCORE', capped_key(line), tenant)) or 0
  redis.call('ZREM', turn_key(line), tenant)
  redis.call('ZREM', capped_key(line), tenant)
  local clock = clock_of(line)
  redis.call('ZREMRANGEBYSCORE', rested_key(line), '-inf', exactly(clock))
  if used > clock then redis.call('ZADD', rested_key(line), exactly(used), tenant) end
end

-- Where the tenant stands, with or without jobs in the line.
local function turn_of(line, tenant)
  local used = redis.call('ZSCORE', turn_key(line), tenant) or redis.call('ZSCORE', capped_key(line), tenant)
  if used then return tonumber(used) end
  return math.max(tonumber(redis.call('ZSCORE', rested_key(line), tenant)) or 0, clock_of(line))
end
