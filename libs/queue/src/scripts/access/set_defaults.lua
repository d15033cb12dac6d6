-- set_defaults: what the installation has for some tenants in the hand-out. Who has something else from now on has changed.

local key, kept = P .. 'policies:defaults', {}
local known = redis.call('HGETALL', key)
for i = 1, #known, 2 do kept[known[i]] = known[i + 1] end

local changed = {}
for _, row in ipairs(args.rows) do
  if kept[row.tenant] ~= row.policy then
    redis.call('HSET', key, row.tenant, row.policy)
    changed[#changed + 1] = row.tenant
  end
  kept[row.tenant] = nil
end
for tenant in pairs(kept) do
  redis.call('HDEL', key, tenant)
  changed[#changed + 1] = tenant
end
for _, tenant in ipairs(changed) do note_change('policies', tenant) end
return changed
