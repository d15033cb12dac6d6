-- Set before every script that puts jobs into a line or takes them out of one. A tenant has one turn in a model: the device time
-- that it has used, divided by its weight. Of the lines that a worker serves, the tenant with the least is next. Each line keeps the
-- turns of those that wait in it (`turn:`), so that whoever is next is found at once; a charge is written wherever the tenant waits.
-- A tenant without jobs rests; what it used above the clock is kept meanwhile (`rested`), and nothing is saved up.
-- One that has as many jobs running as it may, or has used up its day, is in `capped:` instead.

local function turn_key(line) return P .. 'turn:' .. line end
local function capped_key(line) return P .. 'capped:' .. line end
local function pace_key(line) return P .. 'pace:' .. line end

-- What was set for a tenant (see set.lua): its weight, and how many of its jobs may run at once here, which is a part of its cap. Of
-- one whose device time of a day is limited (see allow.lua), `left` is what of today is left to it here, in milliseconds; `limit`
-- is what it has of each day, and so of one that was not shared out yet.
local policies = {}
local function left_field(tenant) return ':' .. tenant end
local function policy_of(tenant)
  if not policies[tenant] then
    local kept = redis.call('HMGET', P .. 'policy', tenant, left_field(tenant))
    local weight, cap = string.match(kept[1] or '', '^(%S+) (%S+)$')
    local day, left, limit = string.match(kept[2] or '', '^(%S+) (%S+) (%S+)$')
    local policy = { weight = tonumber(weight) or 1, cap = tonumber(cap) or NEVER }
    policy.limit, policy.left = tonumber(limit), tonumber(tonumber(day) == TODAY and left or limit)
    -- It may wait among those that may not start another job.
    policy.may_be_capped = policy.cap < NEVER or day ~= nil
    policies[tenant] = policy
  end
  return policies[tenant]
end

-- The tenant has used up its day.
local function is_spent(tenant) return (policy_of(tenant).left or 1) <= 0 end

local function left_text(left, limit) return whole(TODAY) .. ' ' .. whole(left) .. ' ' .. whole(limit) end

-- Its jobs have used devices for so long.
local function spend(tenant, ms)
  local policy = policy_of(tenant)
  if not policy.left or ms == 0 then return end
  policy.left = policy.left - ms
  set_field(P .. 'policy', left_field(tenant), left_text(policy.left, policy.limit))
end

-- How many more of its jobs may run now.
local function room_of(tenant)
  if is_spent(tenant) then return 0 end
  local cap = policy_of(tenant).cap
  if cap >= NEVER then return NEVER end
  local running = P .. 'index:' .. tenant .. ':running'
  write_out_set(running)
  return cap - redis.call('ZCARD', running)
end
local function is_at_cap(tenant) return room_of(tenant) <= 0 end

local function exactly(n) return string.format('%.17g', n) end

-- Of a model: `clock`, the turn that was served last; `joined`, the turn of who came last. Read once by each script.
local turns = nil
local function turns_now()
  if not turns then
    local kept = redis.call('HMGET', P .. 'turns', 'clock', 'joined')
    turns = { clock = tonumber(kept[1]) or 0, joined = tonumber(kept[2]) or 0 }
  end
  return turns
end
local function note_turn(name, value)
  turns_now()[name] = value
  set_field(P .. 'turns', name, exactly(value))
end

-- Of a line: `mean`, how long its jobs run, in milliseconds; `shift`, what the turns that it keeps lack to those of the model. A line
-- that had a clock of its own begins where the model is.
local paces = {}
local function note_pace(line, name, value)
  paces[line][name] = value
  set_field(pace_key(line), name, exactly(value))
end
local function pace_of(line)
  if not paces[line] then
    local kept = redis.call('HMGET', pace_key(line), 'mean', 'shift', 'clock')
    paces[line] = { mean = tonumber(kept[1]), shift = tonumber(kept[2]) or 0 }
    if kept[3] and not kept[2] then
      note_pace(line, 'shift', turns_now().clock - tonumber(kept[3]))
      redis.call('DEL', P .. 'rested:' .. line)
    end
  end
  return paces[line]
end

-- The clock, as the line counts.
local function clock_of(line) return turns_now().clock - pace_of(line).shift end

-- All lines in which somebody may wait, and this one.
local line_names = nil
local function lines_and(line)
  line_names = line_names or redis.call('HKEYS', P .. 'lines')
  local names = { line }
  for _, name in ipairs(line_names) do
    if name ~= line then names[#names + 1] = name end
  end
  return names
end

-- Who has joined or was seen in its place, by line and tenant.
local has_place = {}
local function place_of(line, tenant) return line .. ' ' .. tenant end

-- The place of a tenant that waits in the line, as the line counts.
local function place_in(line, tenant)
  local used = redis.call('ZSCORE', turn_key(line), tenant)
  if not used and policy_of(tenant).may_be_capped then used = redis.call('ZSCORE', capped_key(line), tenant) end
  return tonumber(used)
end

-- The tenant has used so much more or less, and has no jobs that wait. `stood` as in `charge`.
local function charge_rested(line, tenant, by, stood)
  local shift, clock = pace_of(line).shift, turns_now().clock
  local used = tonumber(redis.call('ZSCORE', P .. 'rested', tenant)) or (stood and stood + shift) or clock
  used = used + by
  if used > clock then
    redis.call('ZADD', P .. 'rested', exactly(used), tenant)
  else
    redis.call('ZREM', P .. 'rested', tenant)
  end
  return used - shift
end

-- Adds to what the tenant has used, wherever it waits just now, and answers where it stands then, as the line counts. Milliseconds,
-- perhaps below 0. `stood`: where it stood when the job that is charged for was given out. The clock may have gone past a tenant
-- that rests, and it is not charged for that too.
local function charge(line, tenant, ms, stood)
  if line == '' then return 0 end
  local by = ms / policy_of(tenant).weight
  local may_be_capped, stands = policy_of(tenant).may_be_capped, nil
  for _, name in ipairs(lines_and(line)) do
    local used = redis.call('ZADD', turn_key(name), 'XX', 'INCR', exactly(by), tenant)
      or may_be_capped and redis.call('ZADD', capped_key(name), 'XX', 'INCR', exactly(by), tenant)
    if used and not stands then stands = used + pace_of(name).shift - pace_of(line).shift end
  end
  return stands or charge_rested(line, tenant, by, stood)
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
  write_uses()
  write_minutes()
  write_out()
end

-- What a tenant that comes into the line has used, as the model counts, and whether it waits in another one.
local function used_before(line, tenant)
  local rested = tonumber(redis.call('ZSCORE', P .. 'rested', tenant)) or -NEVER
  for n, name in ipairs(lines_and(line)) do
    local used = n > 1 and place_in(name, tenant)
    if used then return math.max(rested, used + pace_of(name).shift), true end
  end
  return rested, false
end

-- Nobody waits in any line, and nothing runs.
local function is_quiet(line)
  write_out_set(P .. 'lease')
  local keys = { P .. 'lease' }
  for _, name in ipairs(lines_and(line)) do keys[#keys + 1], keys[#keys + 2] = turn_key(name), capped_key(name) end
  return redis.call('EXISTS', unpack(keys)) == 0
end

-- The tenant has jobs in the line now. Who comes back begins where the clock is, and not where it was when it left. When nobody
-- waited and nothing ran, devices were there for all: who used them owes nothing.
local function join_turn(line, tenant)
  if has_place[place_of(line, tenant)] then return end
  has_place[place_of(line, tenant)] = true
  charge_now()
  if place_in(line, tenant) then return end
  if is_quiet(line) then redis.call('DEL', P .. 'rested') end
  local used, waits = used_before(line, tenant)
  redis.call('ZREM', P .. 'rested', tenant)
  local now = turns_now()
  if not waits and used <= now.clock then
    -- Of those that come while the clock stands, the first to come is the first to go, and not the first by name.
    used = now.joined < now.clock and now.clock or now.joined + JOIN_STEP_MS
    note_turn('joined', used)
  end
  redis.call('ZADD', turn_key(line), exactly(used - pace_of(line).shift), tenant)
end

-- The tenant has no job in the line any more.
local function rest(line, tenant)
  has_place[place_of(line, tenant)] = nil
  local used = (place_in(line, tenant) or -NEVER) + pace_of(line).shift
  redis.call('ZREM', turn_key(line), tenant)
  redis.call('ZREM', capped_key(line), tenant)
  local clock = turns_now().clock
  redis.call('ZREMRANGEBYSCORE', P .. 'rested', '-inf', exactly(clock))
  if used > clock then redis.call('ZADD', P .. 'rested', exactly(used), tenant) end
end

-- Where the tenant stands, with or without jobs in the line, as the line counts.
local function turn_of(line, tenant)
  local rested = tonumber(redis.call('ZSCORE', P .. 'rested', tenant)) or -NEVER
  return place_in(line, tenant) or math.max(rested - pace_of(line).shift, clock_of(line))
end
