-- forget: nothing more is known of a tenant's actions, or of those whose filter has one of these labels. What they go on with ends.

local all = P .. 'of:' .. args.tenant
local labels = args.labels and cjson.decode(args.labels)

local function is_meant(id)
  if not labels then return true end
  local filter = redis.call('HGET', note_key(id), 'filter')
  local named = filter and cjson.decode(filter).metadata
  for name, value in pairs(named or {}) do
    if labels[name] == value then return true end
  end
  return false
end

for _, id in ipairs(redis.call('ZRANGE', all, 0, -1)) do
  if is_meant(id) then
    if is_going(redis.call('HGET', note_key(id), 'status')) then end_action(id, 'canceled') end
    redis.call('DEL', note_key(id))
    redis.call('ZREM', all, id)
  end
end
