-- Set before every script about files, which lie in the shard of their tenant. Of each tenant:
--   blob:<sha256>   object and size of bytes that are kept
--   refs:<sha256>   who needs them: file and job ids; bytes that nobody needs are dropped in the same moment
--   held:<holder>   what a holder needs: hashes, and of a job the uploaded files it uses
--   users:<file>    the jobs that use an uploaded file
--   objects         object -> its sha256, or the id of the upload that it is announced for
--   expiring        uploaded files that no job uses, by when they are deleted
--   made            files that are ready, by when they came, in microseconds
--   holders         jobs that hold something, by when somebody last made sure of it
--   trash           objects to be deleted, by when they were dropped
--   sums            `bytes`: of all blobs, and of uploads that are announced
--   dead:<object>   an object that was given up before it was known here; `given_up` has them all, by when that is forgotten
-- The file:<id> of an upload stands beside them, because its id alone must find it.

local Q = P .. args.tenant .. ':'

local function file_key(id) return P .. 'file:' .. id end
local function is_file(holder) return string.sub(holder, 1, 5) == 'file_' end

local function hold(holder, sha)
  redis.call('SADD', Q .. 'refs:' .. sha, holder)
  redis.call('SADD', Q .. 'held:' .. holder, sha)
  if not is_file(holder) then redis.call('ZADD', Q .. 'holders', NOW, holder) end
end

local function count_bytes(by)
  if redis.call('HINCRBY', Q .. 'sums', 'bytes', whole(by)) == 0 then redis.call('DEL', Q .. 'sums') end
end

-- An upload that was announced is one no more: it has become a blob, or is given up.
local function end_announced(id)
  local size = redis.call('HGET', file_key(id), 'announced')
  if not size then return end
  redis.call('HDEL', file_key(id), 'announced')
  count_bytes(-size)
end

local function throw_away(object)
  redis.call('HDEL', Q .. 'objects', object)
  redis.call('ZADD', Q .. 'trash', NOW, object)
end

local function give_up(object, ms)
  redis.call('SET', Q .. 'dead:' .. object, 1, 'PX', ms)
  redis.call('ZREMRANGEBYSCORE', Q .. 'given_up', '-inf', whole(NOW))
  redis.call('ZADD', Q .. 'given_up', whole(NOW + ms), object)
  redis.call('PEXPIREAT', Q .. 'given_up', redis.call('ZRANGE', Q .. 'given_up', -1, -1, 'WITHSCORES')[2])
end

-- The holder needs an uploaded file no more.
local function leave_file(holder, file, ttl)
  redis.call('SREM', Q .. 'users:' .. file, holder)
  local idle = redis.call('SCARD', Q .. 'users:' .. file) == 0
  if idle and redis.call('EXISTS', file_key(file)) == 1 then redis.call('ZADD', Q .. 'expiring', NOW + ttl, file) end
end

-- The holder needs these bytes no more. An object that nobody needs any more goes into the trash and is added to `dropped`.
local function leave_bytes(holder, sha, dropped)
  redis.call('SREM', Q .. 'refs:' .. sha, holder)
  if redis.call('SCARD', Q .. 'refs:' .. sha) > 0 then return end
  local blob = redis.call('HMGET', Q .. 'blob:' .. sha, 'object', 'size', 'counted')
  redis.call('DEL', Q .. 'blob:' .. sha)
  -- A process of an older version did not count it.
  if blob[3] then count_bytes(-blob[2]) end
  if not blob[1] then return end
  throw_away(blob[1])
  dropped[#dropped + 1] = blob[1]
end

-- The holder needs nothing any more; a file goes with it. Answers the objects that nobody needs any more; they are in the trash.
-- `ttl`: how long an uploaded file is kept that it used.
local function let_go(holder, ttl)
  local dropped = {}
  for _, item in ipairs(redis.call('SMEMBERS', Q .. 'held:' .. holder)) do
    if is_file(item) then leave_file(holder, item, ttl) else leave_bytes(holder, item, dropped) end
  end
  redis.call('DEL', Q .. 'held:' .. holder)
  redis.call('ZREM', Q .. 'holders', holder)
  if is_file(holder) then
    end_announced(holder)
    local announced = redis.call('HGET', file_key(holder), 'object')
    if announced then
      give_up(announced, EXPIRED_UPLOAD_MS)
      throw_away(announced)
      dropped[#dropped + 1] = announced
    end
    redis.call('DEL', file_key(holder), Q .. 'users:' .. holder)
    redis.call('ZREM', Q .. 'expiring', holder)
    redis.call('ZREM', Q .. 'made', holder)
  end
  return dropped
end
