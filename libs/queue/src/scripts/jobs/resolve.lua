-- resolve: the files that an attempt has fetched stand in the place of their addresses, for it and all later attempts. Answers
-- 0 when it is fenced out.

local job = read(args.id, { 'status', 'fence', 'tenant', 'key', 'links', 'input_files' })
if job.status ~= 'running' or job.fence ~= args.fence then return 0 end

-- Those that lie in the store.
local function bytes_of(files)
  local bytes = 0
  for _, file in ipairs(files ~= '' and cjson.decode(files) or {}) do bytes = bytes + (file.size or 0) end
  return bytes
end
-- What was there at the submit was counted then.
if job.links == '1' then use(job, USED_BYTES_IN, math.max(0, bytes_of(args.files) - bytes_of(job.input_files))) end
redis.call('HSET', job_key(job.id), 'input_files', args.files)
redis.call('HDEL', job_key(job.id), 'links')
redis.call('HINCRBY', job_key(job.id), 'revision', 1)
return 1
