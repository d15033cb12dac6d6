-- search/page: places of a tenant's jobs, newest first, for each status by itself. One script, because a job that goes from one status
-- to another between two reads would be met twice or not at all. Writes nothing.

local pages = {}
for n, status in ipairs(args.statuses) do
  pages[n] = redis.call('ZREVRANGEBYSCORE', index_key(args.tenant, status), args.newest, args.oldest, 'WITHSCORES', 'LIMIT', 0, args.count)
end
return pages
