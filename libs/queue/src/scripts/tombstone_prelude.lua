-- Set before the scripts that must know whether a job was erased. The ids of erased jobs are kept for a day, in one hash for
-- each hour (id without its model -> tenant): a key of its own for each would cost more than twice as much memory. Older
-- versions left records with the status `purged` instead, for 30 days; these still count.

local ERASED_HOURS = 24
local THIS_HOUR = math.floor(NOW / 3600000)

local function erased_key(hour) return P .. 'erased:' .. whole(hour) end

local function bury(id, tenant)
  redis.call('HSET', erased_key(THIS_HOUR), string.sub(id, 13), tenant)
  -- The reconciler takes it away before; see forget_erased.
  redis.call('EXPIRE', erased_key(THIS_HOUR), (ERASED_HOURS + 3) * 3600)
end

-- Whose job it was that was erased within so many hours; nil when there was none.
local function tenant_of_erased(id, hours)
  for hour = THIS_HOUR, THIS_HOUR - hours, -1 do
    local tenant = redis.call('HGET', erased_key(hour), string.sub(id, 13))
    if tenant then return tenant end
  end
end

-- Memory of millions of ids is given back beside the one thread of Redis; their expiry would hold it up.
local function forget_erased()
  redis.call('UNLINK', erased_key(THIS_HOUR - ERASED_HOURS - 1), erased_key(THIS_HOUR - ERASED_HOURS - 2))
end
