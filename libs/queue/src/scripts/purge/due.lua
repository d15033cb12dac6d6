-- due: a page of jobs whose retention is over, and of those that were purged and whose objects are still to go because
-- whoever was about to delete them was killed. ARGV: prefix, how many at most of each, ms until the rest of a killed one's is
-- taken up, ms after which a job whose webhook is owed is looked at again, ms between two full pages, whoever asks
-- Answers {1 when there is more, job, tenant, job, tenant...}: of these, objects and files are to be deleted now.
local most, taken_up, owed_again, apart = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
local answer = { 1 }

-- Nobody waits for these: what has ended was told at its end. So Redis gives them a bounded share of its time.
if redis.call('EXISTS', P .. 'purging') == 1 then return answer end

-- Bytes that belong to it and to nobody else, or may: an attempt that did not end itself may have left some.
local function may_have_objects(job)
  local function is_stored(value) return string.sub(value, 1, 10) == '{"stored":' end
  local function is_list(value) return value ~= '' and value ~= '[]' end
  return is_stored(job.input) or is_stored(job.output) or is_list(job.input_files) or is_list(job.output_files)
    or job.log ~= '' or (tonumber(job.lost) or 0) > 0 or job.house_faults ~= '' or (job.fence ~= '0' and job.settled ~= job.fence)
end

forget_purged()
local left = redis.call('ZRANGEBYSCORE', P .. 'erasing', '-inf', whole(NOW - taken_up), 'LIMIT', 0, most)
for _, entry in ipairs(left) do
  redis.call('ZADD', P .. 'erasing', whole(NOW), entry)
  local gap = string.find(entry, ' ', 1, true)
  table.insert(answer, string.sub(entry, 1, gap - 1))
  table.insert(answer, string.sub(entry, gap + 1))
end

local due = redis.call('ZRANGEBYSCORE', P .. 'purge', '-inf', whole(NOW), 'LIMIT', 0, most)
for _, id in ipairs(due) do
  local job = read(id, { 'status', 'tenant', 'owed', 'fence', 'settled', 'lost', 'house_faults', 'input', 'output',
    'input_files', 'output_files', 'log' })
  if not is_terminal(job.status) then
    redis.call('ZREM', P .. 'purge', id)
  elseif (tonumber(job.owed) or 0) > 0 then
    redis.call('ZADD', P .. 'purge', whole(NOW + owed_again), id)
  else
    local has_objects = may_have_objects(job)
    strip_deliveries(job)
    purge(job, has_objects)
    if has_objects then table.insert(answer, id) table.insert(answer, job.tenant) end
  end
end

if #due < most and #left < most then answer[1] = 0 else redis.call('SET', P .. 'purging', '1', 'PX', apart) end
return answer
