-- release: a holder needs nothing any more; a file goes with it. Safe to repeat.
-- With a set of times, `due`: only if the holder is in it, no later than now, or than `before`. Answers the objects that nobody
-- needs any more; they are in the trash.

local holder = args.holder
if args.due then
  local at = redis.call('ZSCORE', Q .. args.due, holder)
  if not at or tonumber(at) > (args.before or NOW) then return {} end
end
return let_go(holder, args.ttl)
