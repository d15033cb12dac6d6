-- shelf: takes jobs that have ended and whose large values are to go to the object store, for a while; who dies meanwhile has
-- them taken again afterwards. Those with a long log first; all others only while Redis is crowded.
-- ARGV: prefix, how many at most, lease ms
-- Answers ids
local function take(key, count)
  local ids = redis.call('ZRANGEBYSCORE', P .. key, '-inf', NOW, 'LIMIT', 0, count)
  local taken = {}
  for _, id in ipairs(ids) do
    if is_terminal(redis.call('HGET', job_key(id), 'status')) then
      redis.call('ZADD', P .. key, NOW + tonumber(ARGV[3]), id)
      table.insert(taken, id)
    else
      no_shelf(id)
    end
  end
  return taken
end
local count = tonumber(ARGV[2])
local ids = take('shelf', count)
if #ids < count and redis.call('EXISTS', P .. 'bulky') == 1 and memory_share() > CROWDED then
  for _, id in ipairs(take('bulky', count - #ids)) do table.insert(ids, id) end
end
return ids
