-- hold: the last step before a submit. Makes sure that a job holds what it needs, and takes the uploaded files it uses, which
-- it answers in order. `lost`: one of the hashes is not held.

local job = args.job
for _, sha in ipairs(args.hashes) do
  if redis.call('SISMEMBER', Q .. 'refs:' .. sha, job) == 0 then return { 'lost' } end
end
local files = {}
for i, id in ipairs(args.files) do
  local file = redis.call('HMGET', file_key(id), 'tenant', 'status', 'name', 'content_type', 'size', 'sha256')
  if file[1] ~= args.tenant or file[2] ~= 'ready' then return { 'missing', id } end
  files[i] = file
end
local held = {}
for i, id in ipairs(args.files) do
  local file = files[i]
  hold(job, file[6])
  redis.call('SADD', Q .. 'held:' .. job, id)
  redis.call('SADD', Q .. 'users:' .. id, job)
  redis.call('ZREM', Q .. 'expiring', id)
  held[i] = { file[3], file[4], file[5], file[6], redis.call('HGET', Q .. 'blob:' .. file[6], 'object') }
end
if #args.hashes > 0 then redis.call('ZADD', Q .. 'holders', NOW, job) end
return { 'held', held }
