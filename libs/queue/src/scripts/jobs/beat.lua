-- beat: a running attempt is alive, and how far it is. ARGV: prefix, id, fence, progress JSON or '', its event's JSON
-- Answers 'ok' | 'cancel' | 'lost'
local job = read(ARGV[2], { 'status', 'fence', 'cancel_at', 'progress' })
if job.status ~= 'running' or job.fence ~= ARGV[3] then return 'lost' end
redis.call('HSET', job_key(job.id), 'heartbeat_at', whole(NOW))
-- The same again is no event: a beat whose reply was lost is sent twice.
if ARGV[4] ~= '' and ARGV[4] ~= job.progress then
  redis.call('HSET', job_key(job.id), 'progress', ARGV[4])
  redis.call('HINCRBY', job_key(job.id), 'revision', 1)
  -- As it came: written again by Lua, a fraction would lose its last digits.
  tell(job.id, ARGV[5])
  trim_events(job.id)
end
return job.cancel_at ~= '' and 'cancel' or 'ok'
