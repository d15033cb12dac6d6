-- forget: a page of deliveries that ended long enough ago. ARGV: prefix, how many at most, ms between two full pages,
-- whoever asks. Answers how many, and as many as may be when there is more.
if redis.call('EXISTS', P .. 'forgetting') == 1 then return tonumber(ARGV[2]) end
local ids = redis.call('ZRANGEBYSCORE', P .. 'forget', '-inf', whole(NOW), 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do
  local delivery = read_delivery(id)
  if delivery.status == '' then redis.call('ZREM', P .. 'forget', id) else forget(delivery) end
end
if #ids == tonumber(ARGV[2]) then redis.call('SET', P .. 'forgetting', '1', 'PX', ARGV[3]) end
return #ids
