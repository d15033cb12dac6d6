-- beat: a running attempt is alive, and how far it is.

local job = read(args.id, { 'status', 'fence', 'cancel_at', 'progress' })
if job.status ~= 'running' or job.fence ~= args.fence then return 'lost' end
redis.call('HSET', job_key(job.id), 'heartbeat_at', whole(NOW))
-- The same again is no event: a beat whose reply was lost is sent twice.
if args.progress and args.progress ~= job.progress then
  redis.call('HSET', job_key(job.id), 'progress', args.progress)
  redis.call('HINCRBY', job_key(job.id), 'revision', 1)
  -- As it came: written again by Lua, a fraction would lose its last digits.
  tell(job.id, args.event)
  trim_events(job.id)
end
return job.cancel_at ~= '' and 'cancel' or 'ok'
