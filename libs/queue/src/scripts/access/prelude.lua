-- Set before every script about keys of the API. Of each key `key:<id>` holds a digest and what it may do, never the secret.
-- `all` and `of:<tenant>` order them by creation; `ended` says when one that has ended is forgotten. `log` names those that
-- changed, for processes that remember keys.
-- `tenants` orders those that keys name, or for which something was set; `tenant:<id>` is what was set. `tenants:change` counts the
-- changes, and `tenants:changed` orders tenants by the last one of each, so that a process can ask what it has missed.
-- `policies:` is the same of what concerns the hand-out, which the shards of models are told, with what the installation has for some.

local function key_of(id) return P .. 'key:' .. id end
local function index_of(tenant) return P .. 'of:' .. tenant end

local function tell(id) redis.call('XADD', P .. 'log', 'MAXLEN', KEY_CHANGES_KEPT, '*', 'id', id) end

-- It ends then, and is shown for a while after. Milliseconds.
local function ends_at(id, ms) redis.call('ZADD', P .. 'ended', whole(ms + ENDED_KEY_MS), id) end

local function has_ended(id)
  local revoked, expires = unpack(redis.call('HMGET', key_of(id), 'revoked_at', 'expires_at'))
  return revoked or (expires and tonumber(expires) <= NOW)
end

local function forget_ended()
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'ended', '-inf', whole(NOW), 'LIMIT', 0, PAGE)) do
    local tenant = redis.call('HGET', key_of(id), 'tenant')
    redis.call('DEL', key_of(id))
    redis.call('ZREM', P .. 'ended', id)
    redis.call('ZREM', P .. 'all', id)
    if tenant then redis.call('ZREM', index_of(tenant), id) end
  end
end

-- Notes that something of a tenant was changed, in the row of `tenants` or of `policies`.
local function note_change(row, id)
  redis.call('ZADD', P .. row .. ':changed', whole(redis.call('INCR', P .. row .. ':change')), id)
end

-- Answers false when there are so many that no more are taken.
local function note_tenant(id)
  if redis.call('ZSCORE', P .. 'tenants', id) then return true end
  if redis.call('ZCARD', P .. 'tenants') >= MOST_TENANTS then return false end
  redis.call('ZADD', P .. 'tenants', whole(NOW_US), id)
  return true
end

-- Answers the key, or 'full'. What was made before with that id is answered as it is: the reply was lost.
local function make(id, tenant, fields, expires)
  if redis.call('EXISTS', key_of(id)) == 0 then
    forget_ended()
    if redis.call('ZCARD', P .. 'all') >= MOST_KEYS or not note_tenant(tenant) then return { 'full' } end
    redis.call('HSET', key_of(id), 'tenant', tenant, 'created_at', whole(NOW), unpack(fields))
    redis.call('ZADD', P .. 'all', whole(NOW_US), id)
    redis.call('ZADD', index_of(tenant), whole(NOW_US), id)
    if expires then ends_at(id, expires) end
  end
  return { 'kept', redis.call('HGETALL', key_of(id)) }
end
