-- erase: a page of all files and bytes of a tenant. Answers objects that are to be deleted now; none when nothing is left, not even
-- a name. Jobs that hold some are gone. `dry`: they are only counted.

local key = P .. 'erasure:' .. args.id
if args.dry then
  redis.call('HSET', key, 'files', redis.call('ZCARD', Q .. 'expiring'), 'blobs', redis.call('HLEN', Q .. 'objects'))
  return {}
end
local function let_all_go(holders)
  for _, holder in ipairs(holders) do
    if is_file(holder) and redis.call('EXISTS', file_key(holder)) == 1 then redis.call('HINCRBY', key, 'files', 1) end
    redis.call('HINCRBY', key, 'blobs', #let_go(holder, 0))
  end
  return #holders
end
let_all_go(redis.call('ZRANGE', Q .. 'expiring', 0, PAGE - 1))
let_all_go(redis.call('ZRANGE', Q .. 'holders', 0, PAGE - 1))
if redis.call('EXISTS', Q .. 'expiring', Q .. 'holders') == 0 then
  -- What only an older version, or a part of an upload, has left.
  local known = redis.call('HSCAN', Q .. 'objects', '0', 'COUNT', PAGE)[2]
  for i = 1, #known, 2 do
    let_all_go(is_file(known[i + 1]) and { known[i + 1] } or redis.call('SMEMBERS', Q .. 'refs:' .. known[i + 1]))
    if redis.call('HEXISTS', Q .. 'objects', known[i]) == 1 then throw_away(known[i]) end
  end
end
local trash = redis.call('ZRANGE', Q .. 'trash', 0, PAGE - 1)
if #trash == 0 and redis.call('EXISTS', Q .. 'expiring', Q .. 'holders', Q .. 'objects') == 0 then
  for _, object in ipairs(redis.call('ZRANGE', Q .. 'given_up', 0, -1)) do redis.call('DEL', Q .. 'dead:' .. object) end
  redis.call('DEL', Q .. 'given_up')
end
return trash
