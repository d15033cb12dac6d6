-- condemn: an object that was found in the store is given up, unless it is known here. What is given up is never kept.
-- ARGV: prefix, tenant, object, ms for which that is remembered
-- Answers 1 when it is given up, 0 when it is known
if redis.call('HEXISTS', Q .. 'objects', ARGV[3]) == 1 then return 0 end
redis.call('SET', Q .. 'dead:' .. ARGV[3], 1, 'PX', ARGV[4])
return 1
