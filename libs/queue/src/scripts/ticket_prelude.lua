-- Set before the scripts that write tickets of BullMQ in the same call as records. BullMQ's own `add` costs as much as all
-- else of a submit together. What its workers read of a job that waits is written here as its scripts addPrioritizedJob-9 and
-- addDelayedJob-6 do; ticket.test.ts compares them, and package.json keeps BullMQ at that minor version.

local handed_out = 0

local function bull_key(model, name) return P .. 'bull:' .. model .. ':' .. name end

-- To be served no earlier than `at`, 0 for at once. `priority` is never 0: BullMQ serves those without one first.
local function hand_out(model, id, priority, at)
  local B = bull_key(model, '')
  local delay = whole(math.max(0, at - NOW))
  redis.call('HSET', B .. id, 'name', 'job', 'data', '{"id":"' .. id .. '"}', 'timestamp', whole(NOW), 'delay', delay,
    'priority', priority, 'opts', '{"removeOnFail":true,"removeOnComplete":true,"jobId":"' .. id .. '","priority":' ..
    priority .. ',"delay":' .. delay .. ',"attempts":1}')
  if delay == '0' then
    redis.call('ZADD', B .. 'prioritized', whole(priority * 0x100000000 + redis.call('INCR', B .. 'pc') % 0x100000000), id)
    handed_out = handed_out + 1
  else
    redis.call('ZADD', B .. 'delayed', whole(at * 0x1000), id)
    local first = redis.call('ZRANGE', B .. 'delayed', 0, 0, 'WITHSCORES')
    redis.call('ZADD', B .. 'marker', whole(math.floor(tonumber(first[2]) / 0x1000)), '1')
    redis.call('HSETNX', B .. 'meta', 'opts.maxLenEvents', '1000')
  end
end

-- Wakes a worker that waits. To be called after the last ticket.
local function announce(model)
  if handed_out == 0 then return end
  redis.call('HSETNX', bull_key(model, 'meta'), 'opts.maxLenEvents', '1000')
  redis.call('ZADD', bull_key(model, 'marker'), 0, '0')
end

-- Takes a ticket back that no worker has.
local function take_back(model, id)
  local waited = redis.call('ZREM', bull_key(model, 'prioritized'), id) + redis.call('ZREM', bull_key(model, 'delayed'), id)
  if waited > 0 then redis.call('DEL', bull_key(model, id)) end
end
