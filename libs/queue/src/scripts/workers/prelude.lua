-- Set before the scripts about worker processes. All keys lie in one shard: `started` and `seen` have each worker by time, `entries`
-- what it told last, `unready` which of its models are not ready, `wishes` what is asked of it.

local function forget(worker)
  redis.call('ZREM', P .. 'started', worker)
  redis.call('ZREM', P .. 'seen', worker)
  redis.call('HDEL', P .. 'entries', worker)
  redis.call('HDEL', P .. 'unready', worker)
  redis.call('HDEL', P .. 'wishes', worker)
end
