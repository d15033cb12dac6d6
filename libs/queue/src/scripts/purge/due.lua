-- due: a page of jobs whose retention is over, and of those that were purged and whose objects are still to go because
-- whoever was about to delete them was killed. Answers whether there is more, and whose objects and files are to be deleted
-- now.

local purged = {}

-- Nobody waits for these: what has ended was told at its end. So Redis gives them a bounded share of its time.
if redis.call('EXISTS', P .. 'purging') == 1 then return { 1, purged } end

-- Bytes that belong to it and to nobody else, or may: an attempt that did not end itself may have left some.
local function may_have_objects(job)
  local function is_stored(value) return string.sub(value, 1, 10) == '{"stored":' end
  local function is_list(value) return value ~= '' and value ~= '[]' end
  return is_stored(job.input) or is_stored(job.output) or is_list(job.input_files) or is_list(job.output_files)
    or job.log ~= '' or (tonumber(job.lost) or 0) > 0 or job.house_faults ~= '' or ((tonumber(job.fence) or 0) > 0 and not has_settled(job))
end

forget_purged()
local left = redis.call('ZRANGEBYSCORE', P .. 'erasing', '-inf', whole(NOW - PURGE_TAKEN_UP_MS), 'LIMIT', 0, PAGE)
for _, entry in ipairs(left) do
  redis.call('ZADD', P .. 'erasing', whole(NOW), entry)
  local gap = string.find(entry, ' ', 1, true)
  table.insert(purged, { string.sub(entry, 1, gap - 1), string.sub(entry, gap + 1) })
end

local due = redis.call('ZRANGEBYSCORE', P .. 'purge', '-inf', whole(NOW), 'LIMIT', 0, PAGE)
for _, id in ipairs(due) do
  local job = read(id, { 'status', 'tenant', 'owed', 'fence', 'settled', 'lost', 'house_faults', 'input', 'output',
    'input_files', 'output_files', 'log', 'stored', 'moves', 'batch' })
  if not is_terminal(job.status) then
    redis.call('ZREM', P .. 'purge', id)
  -- What is owed of it is still to be sent, or it is to come into the results of its batch.
  elseif (tonumber(job.owed) or 0) > 0 or job.batch ~= '' and redis.call('EXISTS', P .. 'batch:' .. job.batch) == 1 then
    redis.call('ZADD', P .. 'purge', whole(NOW + OWED_AGAIN_MS), id)
  else
    local has_objects = may_have_objects(job)
    strip_deliveries(job)
    purge(job, has_objects)
    if has_objects then table.insert(purged, { id, job.tenant }) end
  end
end

if #due < PAGE and #left < PAGE then return { 0, purged } end
redis.call('SET', P .. 'purging', '1', 'PX', PAGES_APART_MS)
return { 1, purged }
