-- condemn: an object that was found in the store is given up, unless it is known here: then it answers 0. What is given up is
-- never kept.

if redis.call('HEXISTS', Q .. 'objects', args.object) == 1 then return 0 end
give_up(args.object, CONDEMNED_MS)
return 1
