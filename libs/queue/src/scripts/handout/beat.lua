-- beat: attempts of one worker are alive, and how far they are. Each has its lease renewed; one that lost its job is told so.
-- A process that was asked to become idle and is still about it says that too.

for _, line in ipairs(args.lines) do renew_wish(line) end
local answers = {}
for n, one in ipairs(args.attempts) do
  local job = read(one.id, { 'status', 'fence', 'cancel_at', 'progress', 'began' })
  if job.status ~= 'running' or job.fence ~= one.fence then
    answers[n] = 'lost'
  else
    redis.call('ZADD', P .. 'lease', whole(NOW + args.lease), job.id)
    if one.waited_ms and job.began == '' then redis.call('HSET', job_key(job.id), 'began', one.waited_ms) end
    -- The same again is no event: a beat whose reply was lost is sent twice.
    if one.progress and one.progress ~= job.progress then
      redis.call('HSET', job_key(job.id), 'progress', one.progress)
      redis.call('HINCRBY', job_key(job.id), 'revision', 1)
      -- As it came: written again by Lua, a fraction would lose its last digits.
      unfold(job.id)
      tell(job.id, one.event)
      trim_events(job.id)
    end
    answers[n] = job.cancel_at ~= '' and 'cancel' or 'ok'
  end
end
return answers
