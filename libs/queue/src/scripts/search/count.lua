-- search/count: how many jobs a tenant has with each status, submitted between two times. Writes nothing.

local counts = {}
for n, status in ipairs(args.statuses) do
  counts[n] = redis.call('ZCOUNT', index_key(args.tenant, status), args.oldest, args.newest)
end
return counts
