-- forget: a page of deliveries that ended long enough ago. Answers how many, and as many as a page has when
-- there is more.

if redis.call('EXISTS', P .. 'forgetting') == 1 then return FORGOTTEN_PER_PAGE end
local ids = redis.call('ZRANGEBYSCORE', P .. 'forget', '-inf', whole(NOW), 'LIMIT', 0, FORGOTTEN_PER_PAGE)
for _, id in ipairs(ids) do
  local delivery = read_delivery(id)
  if delivery.status == '' then redis.call('ZREM', P .. 'forget', id) else forget(delivery) end
end
if #ids == FORGOTTEN_PER_PAGE then redis.call('SET', P .. 'forgetting', '1', 'PX', FORGETTING_APART_MS) end
return #ids
