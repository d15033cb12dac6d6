-- touch: whoever shares out the caps of tenants looks at what they have here. From now on nobody changes it who began before.
-- Answers for each tenant its cap here, how many of its jobs run and wait, and since when the first of them waits.

local answers = {}
for n, tenant in ipairs(args.tenants) do
  local noted = tonumber(redis.call('HGET', P .. 'policy:fence', tenant)) or 0
  if noted > args.fence then
    answers[n] = { 0, 0, 0, 0, 1 }
  else
    redis.call('HSET', P .. 'policy:fence', tenant, whole(args.fence))
    local cap = policy_of(tenant).cap
    local first = redis.call('ZRANGE', index_key(tenant, 'queued'), 0, 0, 'WITHSCORES')[2]
    answers[n] = { cap < NEVER and cap or -1, redis.call('ZCARD', index_key(tenant, 'running')),
      redis.call('ZCARD', index_key(tenant, 'queued')), first and math.floor(tonumber(first) / MS_US) or 0, 0 }
  end
end
return answers
