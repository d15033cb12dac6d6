-- shelve: large values of a job that has ended are in the object store now, and go from here, if the job is as it was read.
-- Of its log the last event stays: what comes after a rerun must have later ids. Answers 0 when the job has changed: what was
-- written is nobody's then.

local id = args.id
local job = read(id, { 'status', 'revision' })
if not is_terminal(job.status) or job.revision ~= args.revision then return 0 end
if args.log then
  local newest = redis.call('XREVRANGE', events_key(id), '+', '-', 'COUNT', 1)[1]
  if not newest or newest[1] ~= args.last then return 0 end
  redis.call('HSET', job_key(id), 'log', args.log, 'folded', cjson.encode({ newest[1], newest[2][2] }))
  redis.call('DEL', events_key(id))
end
if args.input then redis.call('HSET', job_key(id), 'input', args.input) end
if args.output then redis.call('HSET', job_key(id), 'output', args.output) end
no_shelf(id)
return 1
