-- append: log lines and output chunks of a running attempt. ARGV: prefix, id, fence, number of the first, event JSON...
-- An attempt numbers its events from 1. One that was appended before is passed over, so a lost reply doubles nothing.

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
