-- shelf: takes jobs that have ended and whose large values are to go to the object store, for a while; who dies meanwhile has
-- them taken again afterwards. Those with a long log first; all others only while Redis is crowded.

local function take(key, count)
  local ids = redis.call('ZRANGEBYSCORE', P .. key, '-inf', NOW, 'LIMIT', 0, count)
  local taken = {}
  for _, id in ipairs(ids) do
    if is_terminal(redis.call('HGET', job_key(id), 'status')) then
      redis.call('ZADD', P .. key, NOW + SHELF_LEASE_MS, id)
      table.insert(taken, id)
    else
      no_shelf(id)
    end
  end
  return taken
end
local ids = take('shelf', args.count)
if #ids < args.count and redis.call('EXISTS', P .. 'bulky') == 1 and memory_share() > CROWDED then
  for _, id in ipairs(take('bulky', args.count - #ids)) do table.insert(ids, id) end
end
return ids
