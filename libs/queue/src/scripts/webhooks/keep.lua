-- keep: the webhook settings of a tenant, if nobody changed them since they were read. Until the models' shards have heard of
-- it (mark.lua) the tenant is in `unmarked`, so that this is never forgotten.

if is_barred(args.tenant) then return 0 end
if redis.call('HGET', P .. 'hooks', args.tenant) ~= (args.read or false) then return 0 end
redis.call('HSET', P .. 'hooks', args.tenant, args.text)
redis.call('ZADD', P .. 'unmarked', args.version, args.tenant)
return 1
