-- draw_submits: some of the submits that a tenant has left in this minute. They are counted by second, and free again a minute later.
-- Answers how many are given, how many are left, and in how many milliseconds some are free again.

local key = P .. 'submits:' .. args.tenant
local second = math.floor(NOW / SECOND)
local first = second - MINUTE / SECOND + 1
local counts = redis.call('HGETALL', key)
local used, oldest, past = 0, nil, {}
for i = 1, #counts, 2 do
  local at = tonumber(counts[i])
  if at < first then
    past[#past + 1] = counts[i]
  else
    used = used + tonumber(counts[i + 1])
    oldest = math.min(oldest or at, at)
  end
end
local granted = math.max(0, math.min(args.want, args.quota - used))
if granted > 0 then
  redis.call('HINCRBY', key, whole(second), granted)
  if past[1] then redis.call('HDEL', key, unpack(past)) end
  redis.call('PEXPIRE', key, MINUTE + SECOND)
end
local free_at = ((oldest or second) + MINUTE / SECOND) * SECOND
return { granted, math.max(0, args.quota - used - granted), math.max(1, math.ceil(free_at - NOW)) }
