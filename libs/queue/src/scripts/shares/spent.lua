-- spent: how long jobs of tenants have used devices here today. Answers the day, and for each tenant milliseconds.

local answers = {}
for n, tenant in ipairs(args.tenants) do answers[n] = device_ms_of(tenant) end
return { TODAY, answers }
