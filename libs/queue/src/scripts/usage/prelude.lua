-- Set before every script about the records of jobs, behind the prelude of `writes`: what tenants have used of the model. It is counted
-- by the script that makes the move, so once, whoever asks again and whatever becomes of the record. Of each tenant and day (UTC):
--   usage:<day>:<tenant>   by the key that submitted, numbers with blanks between; see USAGE_COLUMNS
--   used:<day>             the tenants that have used something

local TODAY = math.floor(NOW / DAY)

local function usage_key(day, tenant) return P .. 'usage:' .. whole(day) .. ':' .. tenant end
local function users_key(day) return P .. 'used:' .. whole(day) end

local function write_used(tenant, key, amounts)
  local day, sums, n = TODAY, {}, 0
  -- Columns that only a newer version knows stay as they are.
  for sum in string.gmatch(redis.call('HGET', usage_key(day, tenant), key) or '', '%d+') do
    n = n + 1
    sums[n] = sum
  end
  for column = n + 1, USED_COLUMNS do sums[column] = '0' end
  for column, amount in pairs(amounts) do sums[column] = whole(sums[column] + amount) end
  if redis.call('HSET', usage_key(day, tenant), key, table.concat(sums, ' ')) == 0 then return end
  redis.call('EXPIRE', usage_key(day, tenant), USAGE_KEPT_SECONDS)
  redis.call('SADD', users_key(day), tenant)
  redis.call('EXPIRE', users_key(day), USAGE_KEPT_SECONDS)
end

-- How long jobs of the tenant have used devices today, with all its keys. Milliseconds.
local function device_ms_of(tenant)
  local sum, kept = 0, redis.call('HGETALL', usage_key(TODAY, tenant))
  for i = 2, #kept, 2 do
    local column = 0
    for number in string.gmatch(kept[i], '%d+') do
      column = column + 1
      if column == USED_DEVICE_MS then sum = sum + number end
    end
  end
  return sum
end

-- What a script has gathered, by tenant and key.
local uses = {}
local function write_uses()
  local now = uses
  uses = {}
  for tenant, keys in pairs(now) do
    for key, amounts in pairs(keys) do write_used(tenant, key, amounts) end
  end
end

-- The tenant of the job has used so much more, a whole number and never below 0.
local function use(job, column, amount)
  if amount == 0 then return end
  local tenant, key = job.tenant, job.key
  if not key or key == '' then key = NO_KEY end
  if not gathered then return write_used(tenant, key, { [column] = amount }) end
  local keys = uses[tenant]
  if not keys then
    keys = {}
    uses[tenant] = keys
  end
  local sums = keys[key]
  if not sums then
    sums = {}
    keys[key] = sums
  end
  sums[column] = (sums[column] or 0) + amount
end
