-- read: what a tenant has used of the model, from one day to another: day, key and numbers of each bucket. Answers also the day to go on
-- with, when there were so many that the rest is for another call; else 0.

local found = {}
for day = args.from, args.to do
  if #found >= USAGE_ROWS then return { day, found } end
  local kept = redis.call('HGETALL', usage_key(day, args.tenant))
  for i = 1, #kept, 2 do found[#found + 1] = { day, kept[i], kept[i + 1] } end
end
return { 0, found }
