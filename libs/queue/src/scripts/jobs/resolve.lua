-- resolve: the files that an attempt has fetched stand in the place of their addresses, for it and all later attempts. Answers
-- 0 when it is fenced out.

local job = read(args.id, { 'status', 'fence' })
if job.status ~= 'running' or job.fence ~= args.fence then return 0 end
redis.call('HSET', job_key(job.id), 'input_files', args.files)
redis.call('HDEL', job_key(job.id), 'links')
redis.call('HINCRBY', job_key(job.id), 'revision', 1)
return 1
