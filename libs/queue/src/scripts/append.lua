-- append: log lines and output chunks of a running attempt. ARGV: prefix, id, fence, event JSON...
local job = read(ARGV[2], { 'status', 'fence' })
if job.status ~= 'running' or job.fence ~= ARGV[3] then return 0 end
for i = 4, #ARGV do tell(job.id, ARGV[i]) end
return #ARGV - 3
