-- Set before every script but probe.lua, and before the prelude of its folder. P is KEYS[1], what the keys of the shard begin
-- with; every key is built from it, so all of them live on one shard. `args` and names in capitals that nothing here sets are
-- set by the loader, from contract/. Times are Redis' own, in milliseconds.

local T = redis.call('TIME')
local NOW_US = tonumber(T[1]) * SECOND_US + tonumber(T[2])
local NOW = math.floor(NOW_US / MS_US)

local function whole(n) return string.format('%.0f', n) end
-- Of a tenant that is being erased, and for a while after, nothing new is kept in any shard: what began before may still be on its way.
-- `barred` has the SHA-1 of its name, and until when.
local any_barred = nil
local function is_barred(tenant)
  if any_barred == nil then any_barred = redis.call('EXISTS', P .. 'barred') == 1 end
  if not any_barred then return false end
  return (tonumber(redis.call('ZSCORE', P .. 'barred', redis.sha1hex(tenant))) or 0) > NOW
end
local function bar(tenant, ms)
  redis.call('ZREMRANGEBYSCORE', P .. 'barred', '-inf', whole(NOW))
  redis.call('ZADD', P .. 'barred', whole(NOW + ms), redis.sha1hex(tenant))
  local last = redis.call('ZRANGE', P .. 'barred', -1, -1, 'WITHSCORES')[2]
  redis.call('PEXPIREAT', P .. 'barred', last)
end

local function job_key(id) return P .. 'job:' .. id end

-- Of what the submitter said: all that no move needs lies in one field. Records of layout 2 have a field for each.
local function given(id, name)
  local kept = redis.call('HMGET', job_key(id), name, 'given')
  return kept[1] or (kept[2] and cjson.decode(kept[2])[name])
end
