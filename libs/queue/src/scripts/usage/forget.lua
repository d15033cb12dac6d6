-- forget: what a tenant has used of the model is taken away, because the tenant is.

for day = TODAY - USAGE_KEPT_SECONDS * SECOND / DAY, TODAY + 1 do
  redis.call('DEL', usage_key(day, args.tenant))
  redis.call('SREM', users_key(day), args.tenant)
end
