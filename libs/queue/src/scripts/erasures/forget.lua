-- forget: the part of an erasure in this shard goes: its counts are in the report. `bar` as in begin.lua.

redis.call('DEL', part_key(args.id))
if args.bar then bar(args.tenant, args.bar) end
