-- Set before every script of the audit. `audit:log` is a stream of entries, which is added to and cut at its old end. `audit:begun`
-- orders what was begun by time, and `audit:open` has the entry that it becomes when nobody says how it ended. `audit:of:<tag>` lists
-- the places of what one tenant may cause as often as it likes: a tenant that does so pushes out its own entries, and no other's.

local LOG = P .. 'audit:log'
local BEGUN = P .. 'audit:begun'
local OPEN = P .. 'audit:open'

local function write(id, at, entry, tag, kept, most)
  local place = redis.call('XADD', LOG, 'MAXLEN', '~', most, '*', 'id', id, 'at', at, 'entry', entry)
  redis.call('XTRIM', LOG, 'MINID', '~', whole(NOW - kept))
  if tag == '' then return end
  local own = P .. 'audit:of:' .. tag
  redis.call('RPUSH', own, place)
  redis.call('PEXPIRE', own, whole(kept))
  while redis.call('LLEN', own) > math.max(1, math.floor(most / AUDIT_PARTS)) do
    redis.call('XDEL', LOG, redis.call('LPOP', own))
  end
end

local function forget(id)
  redis.call('ZREM', BEGUN, id)
  redis.call('HDEL', OPEN, id)
end

-- What was begun, and whose end nobody told, is written as it was begun.
local function write_lost(kept, most)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', BEGUN, '-inf', whole(NOW - AUDIT_OPEN_MS), 'LIMIT', 0, PAGE)) do
    local tag, entry = string.match(redis.call('HGET', OPEN, id) or '', '^(%S*) (.*)$')
    if entry then write(id, redis.call('ZSCORE', BEGUN, id), entry, tag, kept, most) end
    forget(id)
  end
end
