-- append: log lines and output chunks of a running attempt. 
-- An attempt numbers its events from 1. One that was appended before is passed over, so a lost reply doubles nothing.

local job = read(args.id, { 'status', 'fence', 'said' })
if job.status ~= 'running' or job.fence ~= args.fence then return 0 end
local first, last = args.first, args.first + #args.events - 1
local fence, said = string.match(job.said, '^(%d+) (%d+)$')
said = fence == job.fence and tonumber(said) or 0
unfold(job.id)
for n = math.max(first, said + 1), last do tell(job.id, args.events[n - first + 1]) end
if last > said then
  redis.call('HSET', job_key(job.id), 'said', job.fence .. ' ' .. whole(last))
  trim_events(job.id)
end
return math.max(0, last - math.max(first - 1, said))
