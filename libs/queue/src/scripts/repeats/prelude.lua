-- Set before the scripts of repeats. Creates that are equal have a hash, `of:<what>`: by the id of each, what is known of it, who has it in
-- hand, and since when. An owner is a process and a number in it. All of it is forgotten in minutes.

local function equals_key(what) return P .. 'of:' .. what end

-- Its fate, its owner, and since when it is so.
local function parts_of(known) return string.match(known, '^(%S+) (%S+) (%d+)$') end

local function note(what, id, fate, owner)
  redis.call('HSET', equals_key(what), id, fate .. ' ' .. owner .. ' ' .. whole(NOW))
end
