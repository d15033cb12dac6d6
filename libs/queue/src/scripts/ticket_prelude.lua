-- Set before submit.lua: writes the tickets of BullMQ (transport.ts) in the same call as the records. BullMQ's own `add`
-- costs as much as all else of a submit together. What its workers read of a job that waits is written here as its script
-- addPrioritizedJob-9 does; ticket.test.ts compares the two, and package.json keeps BullMQ at that minor version.

local handed_out = 0

-- `priority` is never 0: BullMQ serves those without one first.
local function hand_out(model, id, priority)
  local B = P .. 'bull:' .. model .. ':'
  redis.call('HSET', B .. id, 'name', 'job', 'data', '{"id":"' .. id .. '"}', 'timestamp', whole(NOW), 'delay', '0',
    'priority', priority, 'opts', '{"removeOnFail":true,"removeOnComplete":true,"jobId":"' .. id .. '","priority":' ..
    priority .. ',"delay":0,"attempts":1}')
  redis.call('ZADD', B .. 'prioritized', whole(priority * 0x100000000 + redis.call('INCR', B .. 'pc') % 0x100000000), id)
  handed_out = handed_out + 1
end

-- Wakes a worker that waits. To be called after the last ticket.
local function announce(model)
  if handed_out == 0 then return end
  local B = P .. 'bull:' .. model .. ':'
  redis.call('HSETNX', B .. 'meta', 'opts.maxLenEvents', '1000')
  redis.call('ZADD', B .. 'marker', 0, '0')
end
