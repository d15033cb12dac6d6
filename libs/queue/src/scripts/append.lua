-- append: log lines and output chunks of a running attempt. ARGV: prefix, id, fence, number of the first, event JSON...
-- An attempt numbers its events from 1. One that was appended before is passed over, so a lost reply doubles nothing.

-- What a log may weigh now: what is said meanwhile must not take the room in which jobs are to end.
local function bytes_allowed()
  local share = memory_share()
  if share > TIGHT then return SHORTEST_LOG end
  return share > FULL and SHORT_LOG or EVENT_BYTES_KEPT
end

-- Lets the oldest events go until the rest weighs no more than it may; the newest stays in any case.
local function trim_events(id)
  local key = events_key(id)
  local bytes = redis.call('MEMORY', 'USAGE', key, 'SAMPLES', 0)
  if bytes <= SHORTEST_LOG then return end
  local allowed = bytes_allowed()
  local count = redis.call('XLEN', key)
  while bytes > allowed and count > 1 do
    count = math.max(1, math.min(count - 1, math.floor(0.9 * count * allowed / bytes)))
    redis.call('XTRIM', key, 'MAXLEN', '=', count)
    bytes = redis.call('MEMORY', 'USAGE', key, 'SAMPLES', 0)
  end
end

local job = read(ARGV[2], { 'status', 'fence', 'said' })
if job.status ~= 'running' or job.fence ~= ARGV[3] then return 0 end
local first, last = tonumber(ARGV[4]), tonumber(ARGV[4]) + #ARGV - 5
local fence, said = string.match(job.said, '^(%d+) (%d+)$')
said = fence == job.fence and tonumber(said) or 0
for n = math.max(first, said + 1), last do tell(job.id, ARGV[5 + n - first]) end
if last > said then
  redis.call('HSET', job_key(job.id), 'said', job.fence .. ' ' .. whole(last))
  trim_events(job.id)
end
return math.max(0, last - math.max(first - 1, said))
