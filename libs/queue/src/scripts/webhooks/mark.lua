-- mark: tells a model's shard which events the endpoints of a tenant want to hear of. An older word is ignored.

local known = redis.call('HGET', P .. 'hooked', args.tenant)
if known and tonumber(string.match(known, '^%d+')) > tonumber(args.version) then return end
redis.call('HSET', P .. 'hooked', args.tenant, args.version .. args.wanted)
