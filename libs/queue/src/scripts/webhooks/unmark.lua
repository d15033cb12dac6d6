-- unmark: all shards have heard of this version of a tenant's settings.

local owed = redis.call('ZSCORE', P .. 'unmarked', args.tenant)
if owed and tonumber(owed) <= args.version then redis.call('ZREM', P .. 'unmarked', args.tenant) end
