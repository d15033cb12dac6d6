-- allow: how long jobs of tenants may use devices here on that day: what their limit leaves when that is taken off which they have used
-- elsewhere. No number: there is no limit any more. From now on each script that ends an attempt takes off what that has used.
-- Answers whether it is that day here.

if args.day ~= TODAY then return 0 end
for _, row in ipairs(args.rows) do
  if row.limit then
    redis.call('HSET', P .. 'policy', left_field(row.tenant), left_text(row.most - device_ms_of(row.tenant), row.limit))
  else
    redis.call('HDEL', P .. 'policy', left_field(row.tenant))
  end
  uncap(row.tenant)
end
return 1
