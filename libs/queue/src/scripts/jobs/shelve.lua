-- shelve: large values of a job that has ended are in the object store now, and go from here, if the job is as it was read.
-- Of its log the last event stays: what comes after a rerun must have later ids.
-- ARGV: prefix, id, revision, id of the last event, log JSON or '', input JSON or '', output JSON or ''
-- Answers 1, or 0 when it has changed: what was written is nobody's then
local id, last, log = ARGV[2], ARGV[4], ARGV[5]
local job = read(id, { 'status', 'revision' })
if not is_terminal(job.status) or job.revision ~= ARGV[3] then return 0 end
if log ~= '' then
  local newest = redis.call('XREVRANGE', events_key(id), '+', '-', 'COUNT', 1)[1]
  if not newest or newest[1] ~= last then return 0 end
  redis.call('HSET', job_key(id), 'log', log, 'folded', cjson.encode({ newest[1], newest[2][2] }))
  redis.call('DEL', events_key(id))
end
for i, field in ipairs({ 'input', 'output' }) do
  if ARGV[5 + i] ~= '' then redis.call('HSET', job_key(id), field, ARGV[5 + i]) end
end
no_shelf(id)
return 1
