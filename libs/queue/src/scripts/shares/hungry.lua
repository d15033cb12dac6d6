-- hungry: tenants that have jobs waiting here and as many running as they may, each with that number. Some of them, where they are many.

local seen, answers = {}, {}
for _, line in ipairs(redis.call('HKEYS', P .. 'lines')) do
  for _, tenant in ipairs(redis.call('ZRANDMEMBER', capped_key(line), HUNGRY_SEEN)) do
    local cap = policy_of(tenant).cap
    if not seen[tenant] and cap < NEVER and not is_spent(tenant) then answers[#answers + 1] = { tenant, cap } end
    seen[tenant] = true
  end
end
return answers
