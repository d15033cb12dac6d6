-- set: what holds for tenants in this model from now on, for jobs that wait already too. Who began before another one who was here
-- changes nothing. Answers for each how many of its jobs run, or -1 where nothing was changed. `at`: all changes up to that one are
-- known here then.

local answers, is_stale = {}, false
for n, row in ipairs(args.rows) do
  local noted = tonumber(redis.call('HGET', P .. 'policy:fence', row.tenant)) or 0
  if noted > args.fence then
    answers[n] = -1
    is_stale = true
  else
    redis.call('HSET', P .. 'policy:fence', row.tenant, whole(args.fence))
    if row.weight == 1 and row.cap < 0 then
      redis.call('HDEL', P .. 'policy', row.tenant)
    else
      redis.call('HSET', P .. 'policy', row.tenant, exactly(row.weight) .. ' ' .. whole(row.cap < 0 and NEVER or row.cap))
    end
    uncap(row.tenant)
    answers[n] = redis.call('ZCARD', index_key(row.tenant, 'running'))
  end
end
if args.at and not is_stale then redis.call('SET', P .. 'policy:at', whole(args.at)) end
return answers
