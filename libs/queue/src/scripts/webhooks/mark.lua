-- mark: tells a model's shard which events the endpoints of a tenant want to hear of. An older word is ignored.
-- ARGV: prefix, tenant, version, ' job.x job.y ' or ''
local known = redis.call('HGET', P .. 'hooked', ARGV[2])
if known and tonumber(string.match(known, '^%d+')) > tonumber(ARGV[3]) then return 0 end
redis.call('HSET', P .. 'hooked', ARGV[2], ARGV[3] .. ARGV[4])
return 1
