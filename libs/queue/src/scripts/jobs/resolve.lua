-- resolve: the files that an attempt has fetched stand in the place of their addresses, for it and all later attempts.
-- ARGV: prefix, id, fence, input files JSON
-- Answers 1, or 0 when fenced out
local job = read(ARGV[2], { 'status', 'fence' })
if job.status ~= 'running' or job.fence ~= ARGV[3] then return 0 end
redis.call('HSET', job_key(job.id), 'input_files', ARGV[4])
redis.call('HINCRBY', job_key(job.id), 'revision', 1)
return 1
