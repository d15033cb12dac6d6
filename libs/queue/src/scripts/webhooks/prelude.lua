-- Set before every script about deliveries. A delivery is one message to one receiver: a hash. All that
-- go to one receiver wait in its lane, by when they are due; `lanes` says when to look at which lane. So a receiver that
-- is down holds up its own lane and nothing else.

local DELIVERY_FIELDS = { 'tenant', 'job', 'lane', 'status', 'created_us' }

local function delivery_key(id) return P .. 'delivery:' .. id end
local function delivery_index(tenant, status) return P .. 'deliveries:' .. tenant .. ':' .. status end

local function read_delivery(id)
  local values = redis.call('HMGET', delivery_key(id), unpack(DELIVERY_FIELDS))
  local delivery = { id = id }
  for i, field in ipairs(DELIVERY_FIELDS) do delivery[field] = values[i] or '' end
  return delivery
end

local function is_purged(job)
  local status = redis.call('HGET', job_key(job), 'status')
  return not status or status == 'purged'
end

-- The record says how many events and deliveries of it are owed: while there are any, it is not purged.
local function count_owed(job, by)
  if job ~= '' and not is_purged(job) then redis.call('HINCRBY', job_key(job), 'owed', by) end
end

-- Looks at the lane when its first delivery is due, but no sooner than `earliest`.
local function plan_lane(lane, earliest)
  local first = redis.call('ZRANGE', P .. 'lane:' .. lane, 0, 0, 'WITHSCORES')
  if #first == 0 then
    redis.call('ZREM', P .. 'lanes', lane)
  else
    redis.call('ZADD', P .. 'lanes', whole(math.max(tonumber(first[2]), earliest)), lane)
  end
end

-- Puts it among those that wait, due now.
local function wait(delivery)
  redis.call('HSET', delivery_key(delivery.id), 'status', 'pending', 'next_at', whole(NOW), 'since', whole(NOW),
    'ended_at', '')
  redis.call('ZADD', P .. 'lane:' .. delivery.lane, whole(NOW), delivery.id)
  redis.call('ZADD', P .. 'undelivered', whole(NOW), delivery.id)
  redis.call('ZADD', delivery_index(delivery.tenant, 'pending'), delivery.created_us, delivery.id)
end

local function forget(delivery)
  redis.call('ZREM', delivery_index(delivery.tenant, delivery.status), delivery.id)
  redis.call('ZREM', P .. 'forget', delivery.id)
  redis.call('ZREM', P .. 'told:' .. delivery.job, delivery.id)
  redis.call('DEL', delivery_key(delivery.id))
end

-- Nothing is left of it, whether it waits, is being tried or has ended. What comes of a try is then ignored.
local function withdraw(delivery)
  redis.call('ZREM', P .. 'lane:' .. delivery.lane, delivery.id)
  redis.call('ZREM', P .. 'undelivered', delivery.id)
  plan_lane(delivery.lane, tonumber(redis.call('ZSCORE', P .. 'lanes', delivery.lane) or 0))
  forget(delivery)
end

-- Keeps what has ended for a week, and of each tenant no more than `most` that ended the same way.
local function keep_ended(delivery, status, most)
  redis.call('HSET', delivery_key(delivery.id), 'status', status, 'ended_at', whole(NOW), 'next_at', '')
  redis.call('ZADD', delivery_index(delivery.tenant, status), delivery.created_us, delivery.id)
  redis.call('ZADD', P .. 'forget', whole(NOW + DELIVERY_KEPT_MS), delivery.id)
  delivery.status = status
  local index = delivery_index(delivery.tenant, status)
  if redis.call('ZCARD', index) > most then
    for _, id in ipairs(redis.call('ZRANGE', index, 0, 0)) do forget(read_delivery(id)) end
  end
end
