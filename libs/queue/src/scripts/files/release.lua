-- release: a holder needs nothing any more; a file goes with it. Safe to repeat.
-- With a set of times, `due`: only if the holder is in it, no later than now, or than `before`. Answers the objects that nobody
-- needs any more; they are in the trash.

local holder = args.holder
if args.due then
  local at = redis.call('ZSCORE', Q .. args.due, holder)
  if not at or tonumber(at) > (args.before or NOW) then return {} end
end
local dropped = {}
local function drop(object)
  throw_away(object)
  table.insert(dropped, object)
end
for _, item in ipairs(redis.call('SMEMBERS', Q .. 'held:' .. holder)) do
  if is_file(item) then
    redis.call('SREM', Q .. 'users:' .. item, holder)
    local idle = redis.call('SCARD', Q .. 'users:' .. item) == 0
    if idle and redis.call('EXISTS', file_key(item)) == 1 then redis.call('ZADD', Q .. 'expiring', NOW + args.ttl, item) end
  else
    redis.call('SREM', Q .. 'refs:' .. item, holder)
    if redis.call('SCARD', Q .. 'refs:' .. item) == 0 then
      local blob = redis.call('HMGET', Q .. 'blob:' .. item, 'object', 'size', 'counted')
      redis.call('DEL', Q .. 'blob:' .. item)
      -- A process of an older version did not count it.
      if blob[3] then count_bytes(-blob[2]) end
      if blob[1] then drop(blob[1]) end
    end
  end
end
redis.call('DEL', Q .. 'held:' .. holder)
redis.call('ZREM', Q .. 'holders', holder)
if is_file(holder) then
  end_announced(holder)
  local announced = redis.call('HGET', file_key(holder), 'object')
  if announced then
    redis.call('SET', Q .. 'dead:' .. announced, 1, 'PX', EXPIRED_UPLOAD_MS)
    drop(announced)
  end
  redis.call('DEL', file_key(holder), Q .. 'users:' .. holder)
  redis.call('ZREM', Q .. 'expiring', holder)
end
return dropped
