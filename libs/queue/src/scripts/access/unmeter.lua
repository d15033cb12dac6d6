-- unmeter: all models know that these tenants have no limit on device seconds any more. One that has got another limit meanwhile stays.

for _, id in ipairs(args.ids) do
  if redis.call('HEXISTS', P .. 'tenant:' .. id, 'device_seconds_per_day') == 0 then redis.call('SREM', P .. 'tenants:metered', id) end
end
