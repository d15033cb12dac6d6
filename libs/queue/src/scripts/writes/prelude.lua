-- Set before every script about jobs. A script that moves many jobs at once gathers what it writes to sorted sets, counters and
-- fields of lines, and `write_out` then needs one command for each key instead of one for each job. Who reads such a key in
-- between writes out first. A script that does not call `gather` writes at once.

local gathered = nil
local function gather() gathered = { sets = {}, fields = {}, counts = {} } end

local function write_set(key, set) redis.call(set.command, key, unpack(set)) end

local function write_out_set(key)
  if not (gathered and gathered.sets[key]) then return end
  write_set(key, gathered.sets[key])
  gathered.sets[key] = nil
end

-- Writes out what was gathered so far, and goes on to gather.
local function write_out()
  if not gathered then return end
  local now = gathered
  gather()
  for key, set in pairs(now.sets) do write_set(key, set) end
  for key, fields in pairs(now.fields) do
    local flat = {}
    for field, value in pairs(fields) do
      flat[#flat + 1], flat[#flat + 2] = field, value
    end
    redis.call('HSET', key, unpack(flat))
  end
  for key, counts in pairs(now.counts) do
    for field, by in pairs(counts) do redis.call('HINCRBY', key, field, by) end
  end
end

-- A key is either added to or taken from: who turns round writes out first, so that the last word counts.
local function set_of(command, key)
  local set = gathered.sets[key]
  if set and (set.command ~= command or #set > ARGUMENTS_AT_ONCE) then write_out_set(key) end
  set = gathered.sets[key] or { command = command }
  gathered.sets[key] = set
  return set
end

local function add_to_set(key, score, member)
  if not gathered then return redis.call('ZADD', key, score, member) end
  local set = set_of('ZADD', key)
  set[#set + 1], set[#set + 2] = score, member
end

-- `command` takes a key and members: ZREM, SADD, SREM.
local function write_member(command, key, member)
  if not gathered then return redis.call(command, key, member) end
  local set = set_of(command, key)
  set[#set + 1] = member
end
local function take_from_set(key, member) write_member('ZREM', key, member) end

local function set_field(key, field, value)
  if not gathered then return redis.call('HSET', key, field, value) end
  gathered.fields[key] = gathered.fields[key] or {}
  gathered.fields[key][field] = value
end

local function add_to_field(key, field, by)
  if not gathered then return redis.call('HINCRBY', key, field, by) end
  local counts = gathered.counts[key] or {}
  gathered.counts[key] = counts
  counts[field] = (counts[field] or 0) + by
end
