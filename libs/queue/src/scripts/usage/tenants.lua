-- tenants: who has used the model, from one day to another.

local seen, found = {}, {}
for day = args.from, args.to do
  for _, tenant in ipairs(redis.call('SMEMBERS', users_key(day))) do
    if not seen[tenant] then found[#found + 1] = tenant end
    seen[tenant] = true
  end
end
return found
