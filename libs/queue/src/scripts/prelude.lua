-- Set before every script but probe.lua, and before the prelude of its folder. KEYS[1] routes to the shard, ARGV[1] is that
-- shard's key prefix; every other key is built from it, so all of them live on one shard. Names in capitals that nothing here
-- sets are set by lua-scripts.ts. Times are Redis' own, in milliseconds.

local P = ARGV[1]
local T = redis.call('TIME')
local NOW_US = tonumber(T[1]) * 1000000 + tonumber(T[2])
local NOW = math.floor(NOW_US / 1000)

local function whole(n) return string.format('%.0f', n) end
local function job_key(id) return P .. 'job:' .. id end
