-- Set before the scripts of an erasure, behind the preludes of `jobs`, `webhooks` and `purge`. In each shard an erasure has a part, a
-- hash: whose jobs, which of them (`filter`: metadata that they must have), what is done next, how far that is, and what was counted.
-- The counts are written by the script that erases, so whatever dies in between, nothing is counted twice or not at all.

local function part_key(id) return P .. 'erasure:' .. id end

local ALL_STATUSES = 'queued running succeeded failed canceled'
local DELIVERY_STATUSES = { 'pending', 'delivered', 'failed', 'skipped' }

local function count_erased(key, what, by)
  if by ~= 0 then redis.call('HINCRBY', key, what, by) end
end

local function metadata_matches(id, filter)
  local text = given(id, 'metadata')
  if not text or text == '' then return false end
  local metadata = cjson.decode(text)
  for name, value in pairs(filter) do
    if metadata[name] ~= value then return false end
  end
  return true
end

-- What a move to another version has told of the job, because its input did not fit.
local function forget_misfit(job)
  local key = job.misfit ~= '' and P .. 'relocation:' .. job.misfit
  local told = key and redis.call('HGET', key, 'misfits')
  if not told then return end
  local left = {}
  for _, one in ipairs(cjson.decode(told)) do
    if one.job ~= job.id then left[#left + 1] = one end
  end
  if #left > 0 then redis.call('HSET', key, 'misfits', cjson.encode(left)) else redis.call('HDEL', key, 'misfits') end
end
