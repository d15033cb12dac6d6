-- Set before the scripts of actions on many jobs, behind the preludes of `jobs`, `webhooks` and `purge`. What is known of an action as a whole is its
-- note; all notes lie in one shard, with `open` (those that go on), `open_of` (how many each tenant has of these) and `of:<tenant>`.
-- In each model's shard an action has a part, a hash: the last moment of jobs that it is about (`until`), behind which job it goes on
-- (`at`), and what was done. A part is written by the script that acts, so whatever dies in between, each job has its turn once.

local function note_key(id) return P .. 'note:' .. id end
local function part_key(id) return P .. 'action:' .. id end

local function is_going(status) return status == 'counting' or status == 'running' or status == 'stopping' end

-- The action has come to its end. It is known for a while what became of it.
local function end_action(id, status)
  local key = note_key(id)
  redis.call('HSET', key, 'status', status, 'done_at', whole(NOW))
  redis.call('EXPIRE', key, ACTION_KEPT_SECONDS)
  redis.call('ZREM', P .. 'open', id)
  redis.call('DEL', P .. 'taken:' .. id)
  local tenant = redis.call('HGET', key, 'tenant')
  if redis.call('HINCRBY', P .. 'open_of', tenant, -1) <= 0 then redis.call('HDEL', P .. 'open_of', tenant) end
end
