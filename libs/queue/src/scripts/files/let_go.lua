-- let_go: a holder needs some things no more: objects, or files with their bytes. All else it keeps. Safe to repeat. Answers the objects
-- that nobody needs any more; they are in the trash.

local dropped = {}
for _, item in ipairs(args.items) do
  local sha = is_file(item) and redis.call('HGET', file_key(item), 'sha256') or redis.call('HGET', Q .. 'objects', item)
  if is_file(item) then leave_file(args.holder, item, args.ttl) end
  if sha then leave_bytes(args.holder, sha, dropped) end
  redis.call('SREM', Q .. 'held:' .. args.holder, item, sha or item)
end
return dropped
