-- pause: nothing more of a model, or of one version of it, is given out until resume.lua. Kept in `paused`, by `*` or the line of
-- the version: since when, and whether submits are taken. take.lua asks for it.

local since = string.match(redis.call('HGET', P .. 'paused', args.what) or '', '^%d+') or whole(NOW)
redis.call('HSET', P .. 'paused', args.what, since .. ' ' .. args.submits)
