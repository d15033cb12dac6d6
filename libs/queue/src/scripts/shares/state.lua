-- state: what waits in the lines of a model, of all tenants or of one. Some tenants and jobs are looked at, so that it costs about the same
-- whatever waits. Of each line: its name, how many jobs wait, suspects among them, its workers with their places, when the oldest job
-- was submitted that is first in a row, how many of high, normal and low priority wait (or nothing, where that is not known), and how
-- long its runs take. Writes nothing.

local function tenants_of(line)
  if args.tenant then return { args.tenant } end
  local seen, found = {}, {}
  local half = TENANTS_SHOWN / 2
  for _, part in ipairs({ redis.call('ZRANGE', turn_key(line), 0, half - 1), redis.call('ZRANGE', turn_key(line), -half, -1),
    redis.call('ZRANGE', capped_key(line), 0, half - 1) }) do
    for _, tenant in ipairs(part) do
      if not seen[tenant] then found[#found + 1] = tenant end
      seen[tenant] = true
    end
  end
  return found
end

-- How many have which priority, of all tenants.
local function depths_of(line, count)
  if redis.call('GET', P .. 'priorities') ~= 'known' then return end
  local high, low = redis.call('SCARD', priority_key(line, 'high')), redis.call('SCARD', priority_key(line, 'low'))
  return { high = high, normal = math.max(0, count - high - low), low = low }
end

local function look_at(line, tenants, count)
  local oldest, seen, by = nil, 0, { high = 0, normal = 0, low = 0 }
  for _, tenant in ipairs(tenants) do
    local most = count <= JOBS_SHOWN and JOBS_SHOWN or 1
    for n, id in ipairs(redis.call('ZRANGE', wait_key(line, tenant), 0, most - 1)) do
      local job = read(id, { 'created_us', 'rank' })
      local created_us = tonumber(job.created_us)
      if created_us and (n == 1 or created_us < oldest) then oldest = math.min(oldest or created_us, created_us) end
      local priority = priority_of(job)
      if by[priority] then by[priority] = by[priority] + 1 end
      seen = seen + 1
    end
  end
  if seen ~= count then by = nil end
  by = not args.tenant and depths_of(line, count) or by
  return oldest and whole(oldest) or '', by and { by.high, by.normal, by.low } or {}
end

local rows = {}
local lines = redis.call('HGETALL', P .. 'lines')
for i = 1, #lines, 2 do
  local line, count = lines[i], tonumber(lines[i + 1])
  if args.tenant then count = redis.call('ZCARD', wait_key(line, args.tenant)) end
  if count > 0 then rows[#rows + 1] = { line, count } end
end
table.sort(rows, function(a, b) return a[2] > b[2] end)
local total = #rows
for n = total, LINES_SHOWN + 1, -1 do rows[n] = nil end

for _, row in ipairs(rows) do
  local line = row[1]
  local workers = redis.call('ZRANGEBYSCORE', P .. 'serving:' .. line, whole(NOW - WORKER_ALIVE_MS), '+inf', 'LIMIT', 0, 100)
  local places = {}
  for n, worker in ipairs(workers) do places[n] = redis.call('HGET', P .. 'places', worker) or '' end
  local oldest, by = look_at(line, tenants_of(line), row[2])
  row[3], row[4], row[5], row[6] = args.tenant and 0 or redis.call('ZCARD', suspect_key(line)), places, oldest, by
  row[7] = redis.call('HGETALL', P .. 'runs:' .. line)
end
local all = {}
for n, worker in ipairs(redis.call('ZRANGEBYSCORE', P .. 'workers', whole(NOW - WORKER_ALIVE_MS), '+inf', 'LIMIT', 0, 100)) do
  all[n] = redis.call('HGET', P .. 'places', worker) or ''
end
return { NOW, redis.call('ZCARD', P .. 'later'), all, total, rows }
