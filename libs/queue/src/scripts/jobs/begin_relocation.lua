-- begin_relocation: the jobs of a line that wait and are here by now are to be moved to another version, page by page; see
-- relocation_page.lua. Asked again, it is the same.

local key = P .. 'relocation:' .. args.id
if redis.call('EXISTS', key) == 1 then return end
redis.call('HSET', key, 'from', args.from, 'to', args.to, 'line', args.line, 'manifest', args.manifest,
  'dry_run', args.dry_run and '1' or '0', 'created_at', whole(NOW), 'until', whole(NOW_US), 'after', '')
redis.call('ZADD', P .. 'relocations', whole(NOW), args.id)
