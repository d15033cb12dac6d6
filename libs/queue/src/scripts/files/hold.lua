-- hold: the last step before a submit. Makes sure that a job holds what it needs, and takes the uploaded files it uses.
-- ARGV: prefix, tenant, job, number of hashes that it should hold, those hashes, ids of uploaded files...
-- Answers {'held', {name, content type, size, sha256, object}...} in order | {'missing', id} | {'lost'}
local job, count = ARGV[3], tonumber(ARGV[4])
for i = 5, 4 + count do
  if redis.call('SISMEMBER', Q .. 'refs:' .. ARGV[i], job) == 0 then return { 'lost' } end
end
local files = {}
for i = 5 + count, #ARGV do
  local file = redis.call('HMGET', file_key(ARGV[i]), 'tenant', 'status', 'name', 'content_type', 'size', 'sha256')
  if file[1] ~= ARGV[2] or file[2] ~= 'ready' then return { 'missing', ARGV[i] } end
  files[i] = file
end
local answer = { 'held' }
for i = 5 + count, #ARGV do
  local id, file = ARGV[i], files[i]
  hold(job, file[6])
  redis.call('SADD', Q .. 'held:' .. job, id)
  redis.call('SADD', Q .. 'users:' .. id, job)
  redis.call('ZREM', Q .. 'expiring', id)
  table.insert(answer, { file[3], file[4], file[5], file[6], redis.call('HGET', Q .. 'blob:' .. file[6], 'object') })
end
if count > 0 then redis.call('ZADD', Q .. 'holders', NOW, job) end
return answer
