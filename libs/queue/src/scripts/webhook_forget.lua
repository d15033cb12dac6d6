-- webhook_forget: deliveries that ended long enough ago. ARGV: prefix, how many at most. Answers how many.
local ids = redis.call('ZRANGEBYSCORE', P .. 'forget', '-inf', whole(NOW), 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do
  local delivery = read_delivery(id)
  if delivery.status == '' then redis.call('ZREM', P .. 'forget', id) else forget(delivery) end
end
return #ids
