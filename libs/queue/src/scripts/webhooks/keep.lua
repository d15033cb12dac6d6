-- keep: the webhook settings of a tenant, if nobody changed them since they were read.
-- ARGV: prefix, tenant, text that was read or '', new text, version. Answers 1 | 0
-- Until the models' shards have heard of it (mark.lua) the tenant is in `unmarked`, so that this is never forgotten.
if (redis.call('HGET', P .. 'hooks', ARGV[2]) or '') ~= ARGV[3] then return 0 end
redis.call('HSET', P .. 'hooks', ARGV[2], ARGV[4])
redis.call('ZADD', P .. 'unmarked', ARGV[5], ARGV[2])
return 1
