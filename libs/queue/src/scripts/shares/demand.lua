-- demand: what bears on how many workers a model needs, of all tenants. Some versions, lines, tenants and jobs are looked at, so that it
-- costs about the same whatever waits. What each part of the answer is stands in its declaration. Writes nothing.

local has_policies = redis.call('EXISTS', P .. 'policy') == 1

-- Since when the job waits: it was submitted, its time came, or it came back.
local function since_of(id)
  local job = read(id, { 'created_us', 'rank', 'moves' })
  local back = string.match('\n' .. job.moves, '^.*\n(%d+)%-%d+\t[^\n]*\n$')
  if back then return tonumber(back) end
  local since = math.floor((tonumber(job.created_us) or NOW_US) / MS_US)
  if job.rank == '' then return since end
  return math.max(since, tonumber(given(id, 'run_at')) or 0)
end

-- The oldest of the jobs that are first in their rows; and of tenants that may not run any number, how many wait and how many more may run.
local function look_at(line)
  local since, bounded = tonumber(redis.call('ZRANGE', suspect_key(line), 0, 0, 'WITHSCORES')[2]) or NOW, {}
  for _, key in ipairs({ turn_key(line), capped_key(line) }) do
    for _, tenant in ipairs(redis.call('ZRANGE', key, 0, TENANTS_SHOWN / 2 - 1)) do
      local first = redis.call('ZRANGE', wait_key(line, tenant), 0, 0)[1]
      if first then since = math.min(since, since_of(first)) end
      local room = first and has_policies and room_of(tenant) or NEVER
      if room < NEVER then
        bounded[#bounded + 1] = redis.call('ZCARD', wait_key(line, tenant))
        bounded[#bounded + 1] = math.max(0, room)
      end
    end
  end
  return since, bounded
end

local alive = whole(NOW - WORKER_ALIVE_MS)
local current = redis.call('GET', P .. 'current') or ''
local function newest_versions()
  local names = redis.call('ZREVRANGE', P .. 'introduced', 0, VERSIONS_SEEN - 1)
  for _, name in ipairs(names) do
    if name == current then return names end
  end
  if current ~= '' then names[#names + 1] = current end
  return names
end

local versions, rows, row_of = {}, {}, {}
local function add_row(line, count)
  if row_of[line] then return end
  rows[#rows + 1] = { line, count, NOW, {}, redis.call('HGETALL', P .. 'runs:' .. line) }
  row_of[line] = rows[#rows]
end

local lines, counted, all = redis.call('HGETALL', P .. 'lines'), {}, 0
for i = 1, #lines, 2 do
  counted[#counted + 1] = { lines[i], tonumber(lines[i + 1]) }
  all = all + tonumber(lines[i + 1])
end
table.sort(counted, function(a, b) return a[2] > b[2] end)
for n = 1, math.min(#counted, LINES_SHOWN) do
  local line, count = counted[n][1], counted[n][2]
  if count > 0 then
    add_row(line, count)
    row_of[line][3], row_of[line][4] = look_at(line)
  end
end
for n, version in ipairs(newest_versions()) do
  local served = redis.call('HGET', P .. 'served', version) or ''
  local workers = redis.call('ZCOUNT', P .. 'workers:' .. version, alive, '+inf')
  versions[n] = { version, workers, served }
  -- How long runs take has to be known of what does not wait just now, too.
  if workers > 0 or version == current then
    for line in string.gmatch(string.match(served, '^%S+ %S+ (.+)$') or '', '%S+') do add_row(line, 0) end
  end
end

local soon, soon_ids = {}, redis.call('ZRANGE', P .. 'later', 0, LATER_SEEN - 1, 'WITHSCORES')
for i = 1, #soon_ids, 2 do
  soon[#soon + 1] = { redis.call('HGET', job_key(soon_ids[i]), 'line') or '', tonumber(soon_ids[i + 1]) }
end

local minute_now, came = math.floor(NOW / MINUTE), 0
for n = minute_now - MINUTES_SEEN, minute_now do
  for _, count in ipairs(redis.call('HMGET', P .. 'minute:' .. whole(n), 'submitted', 'reran')) do
    came = came + (tonumber(count) or 0)
  end
end

local workers, places = redis.call('ZRANGEBYSCORE', P .. 'workers', alive, '+inf', 'LIMIT', 0, WORKERS_SEEN), {}
for n, worker in ipairs(workers) do places[n] = redis.call('HGET', P .. 'places', worker) or '' end

return {
  NOW, current, all, redis.call('ZCARD', P .. 'later'), redis.call('ZCARD', P .. 'lease'),
  came, NOW - (minute_now - MINUTES_SEEN) * MINUTE,
  redis.call('HGETALL', P .. 'paused'), redis.call('HGETALL', P .. 'needed:' .. args.asked),
  places, versions, rows, soon,
}
