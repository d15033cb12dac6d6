-- unmark: all shards have heard of this version of a tenant's settings. ARGV: prefix, tenant, version
local owed = redis.call('ZSCORE', P .. 'unmarked', ARGV[2])
if owed and tonumber(owed) <= tonumber(ARGV[3]) then redis.call('ZREM', P .. 'unmarked', ARGV[2]) end
return 1
