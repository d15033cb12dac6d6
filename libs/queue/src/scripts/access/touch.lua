-- touch: these keys were used in this minute.

local minute = whole(NOW - NOW % MINUTE)
for _, id in ipairs(args.ids) do
  if redis.call('EXISTS', key_of(id)) == 1 then redis.call('HSET', key_of(id), 'last_used_at', minute) end
end
