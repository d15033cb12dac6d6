-- carry_over: a page of what processes of the former layout have in this shard comes into the present one. There a ticket of BullMQ
-- named each job, `line` held all that waited, and what ran had no lease. Each page is whole, and says by itself what is left: so
-- any number of processes may work on it, and any may be killed. It never ends for good while such a process is alive, for that
-- one goes on to write as it always did.

if is_newer() then return { 0, 0, 0, 0 } end
if redis.call('EXISTS', P .. 'upgrading') == 1 then return { 0, 0, 0, 1 } end

local carried, adopted, refused = 0, 0, 0

-- Whether files of it are still to be fetched.
local function links_of(input_files)
  local is_list, files = pcall(cjson.decode, input_files)
  for _, file in ipairs(is_list and files or {}) do
    if not file.key then return '1' end
  end
  return ''
end

-- Puts a waiting job where it belongs. One without what makes it a job of any layout is set aside.
local function carry(job)
  local more = read(job.id, { 'kind', 'model', 'priority', 'run_at', 'not_before', 'input_files' })
  take_ticket(more.model, job.id)
  redis.call('ZREM', P .. 'line', job.id)
  if job.line == '' then job.line = redis.call('HGET', P .. 'contracts', more.kind) or '' end
  local created_us, expires_at, head_start = tonumber(job.created_us), tonumber(job.expires_at), HEAD_STARTS_MS[more.priority]
  if job.line == '' or job.tenant == '' or not (created_us and expires_at and head_start) then
    redis.call('ZADD', P .. 'refused', whole(NOW), job.id)
    refused = refused + 1
    return
  end
  -- It may have been claimed and given back by a process that left it here.
  drop_stray(job)
  job.rank = whole(math.max(created_us, (tonumber(more.run_at) or 0) * MS_US) - head_start * MS_US)
  job.links = links_of(more.input_files)
  redis.call('HSET', job_key(job.id), 'line', job.line, 'rank', job.rank, 'links', job.links)
  redis.call('HDEL', job_key(job.id), 'heartbeat_at', 'delivery')
  redis.call('ZADD', P .. 'open', next_look(job), job.id)
  count_in(job, 1)
  line_up(job, tonumber(more.not_before) or 0)
  carried = carried + 1
end

-- What waits, the first first. Without a manifest nobody knows where it belongs.
local function carry_page()
  if redis.call('EXISTS', P .. 'contracts') == 0 then return end
  for _, id in ipairs(redis.call('ZRANGE', P .. 'line', 0, PAGE - 1)) do
    local job = load(id)
    if job.status == 'queued' then
      carry(job)
    else
      redis.call('ZREM', P .. 'line', id)
    end
  end
end

-- Once, all open jobs are walked through for those that run. What such processes claim later is found within a minute, when
-- the time comes that they have set for a look at it.
local function walk_page()
  if tonumber(redis.call('GET', P .. 'layout')) == LAYOUT then return end
  local page = redis.call('ZSCAN', P .. 'open', redis.call('GET', P .. 'walk_over') or '0', 'COUNT', PAGE)
  for i = 1, #page[2], 2 do
    local job = load(page[2][i])
    if job.status == 'running' and adopt(job) then
      redis.call('ZADD', P .. 'open', NEVER, job.id)
      adopted = adopted + 1
    elseif job.status == 'queued' and job.line == '' and not redis.call('ZSCORE', P .. 'refused', job.id) then
      redis.call('ZADD', P .. 'line', tonumber(job.rank) or 0, job.id)
    end
  end
  if page[1] == '0' then
    redis.call('SET', P .. 'layout', LAYOUT)
    redis.call('DEL', P .. 'walk_over')
  else
    redis.call('SET', P .. 'walk_over', page[1])
  end
end

-- What is left of BullMQ goes when none of its workers is alive: each renews this key every few seconds.
local function sweep_tickets()
  if redis.call('EXISTS', P .. 'line', ticket_key(args.model, 'stalled-check')) > 0 then return end
  local left = 0
  for _, set in ipairs({ 'prioritized', 'delayed' }) do
    for _, id in ipairs(redis.call('ZRANGE', ticket_key(args.model, set), 0, PAGE - 1)) do
      take_ticket(args.model, id)
      left = left + 1
    end
  end
  for _, list in ipairs({ 'wait', 'active', 'paused' }) do
    for _, id in ipairs(redis.call('LRANGE', ticket_key(args.model, list), 0, PAGE - 1)) do
      take_ticket(args.model, id)
      left = left + 1
    end
  end
  if left > 0 then return end
  for _, name in ipairs({ 'meta', 'marker', 'pc', 'id', 'events', 'stalled', 'completed', 'failed' }) do
    redis.call('UNLINK', ticket_key(args.model, name))
  end
  redis.call('DEL', P .. 'walk', P .. 'walked')
end

walk_page()
carry_page()
sweep_tickets()
local more = has_former(args.model)
if more then redis.call('SET', P .. 'upgrading', '1', 'PX', PAGES_APART_MS) end
return { carried, adopted, refused, more and 1 or 0 }
