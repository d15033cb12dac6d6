-- forget: a tenant is erased, and so is what it has used of the model.

local today = math.floor(NOW / DAY)
for day = today - USAGE_KEPT_SECONDS * SECOND / DAY, today + 1 do
  redis.call('DEL', usage_key(day, args.tenant))
  redis.call('SREM', users_key(day), args.tenant)
end
