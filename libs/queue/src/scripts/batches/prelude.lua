-- Set before the scripts of batches. Of a batch there is a note, a hash: its `tenant`, when it was made, its `state` (JSON that only its
-- readers understand) and `rev`, which grows with every change. All notes lie in one shard, with `open` (those that somebody has to go on
-- with), `open_of` (how many of each tenant have not ended), `of:<tenant>` (all that are known) and `kept` (those that ended, by when
-- they are forgotten). What is counted of its jobs lies beside them, in the shards of their models: see `count_in_batch`.

local function note_key(id) return P .. 'note:' .. id end

-- One of the tenant's batches that had not ended has ended.
local function one_less(tenant)
  if redis.call('HINCRBY', P .. 'open_of', tenant, -1) <= 0 then redis.call('HDEL', P .. 'open_of', tenant) end
end
