-- Set before every script but probe.lua, and before the prelude of its folder. P is KEYS[1], what the keys of the shard begin
-- with; every key is built from it, so all of them live on one shard. `args` and names in capitals that nothing here sets are
-- set by the loader, from contract/. Times are Redis' own, in milliseconds.

local T = redis.call('TIME')
local NOW_US = tonumber(T[1]) * SECOND_US + tonumber(T[2])
local NOW = math.floor(NOW_US / MS_US)

local function whole(n) return string.format('%.0f', n) end
local function job_key(id) return P .. 'job:' .. id end
