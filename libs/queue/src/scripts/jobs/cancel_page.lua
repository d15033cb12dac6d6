-- cancel_page: the next jobs of the oldest cancellation that is not done. Its record says how far it came, so whoever comes next goes
-- on there, and no job is counted twice. The indexes of what waits and of what runs are walked as one, by the time of creation,
-- which never changes: a job that goes from one to the other meanwhile is neither missed nor met twice.
-- Answers whether there is more to do.

local id = redis.call('ZRANGE', P .. 'cancellations', 0, 0)[1]
if not id then return 0 end
if redis.call('EXISTS', P .. 'canceling') == 1 then return 1 end
local key = P .. 'cancellation:' .. id
local function part(name) return redis.call('HGET', key, name) or '' end
local tenant, line, version, to = part('tenant'), part('line'), part('version'), part('to')
local at, at_id = part('at'), part('at_id')

-- Where the last page ended, some of the same microsecond may have been left.
local function is_new(found) return found.score ~= at or found.id > at_id end

local function is_before(a, b)
  if a.score ~= b.score then return tonumber(a.score) < tonumber(b.score) end
  return a.id < b.id
end

-- `known`: how far both indexes were read, where one has more. What the other has beyond that comes in its turn.
local page, known = {}, nil
for status in string.gmatch(part('statuses'), '%a+') do
  local flat = redis.call('ZRANGEBYSCORE', index_key(tenant, status), at, to, 'WITHSCORES', 'LIMIT', 0, PAGE)
  for i = 1, #flat, 2 do
    local found = { id = flat[i], score = flat[i + 1] }
    if is_new(found) then page[#page + 1] = found end
    if i == 2 * PAGE - 1 and not (known and is_before(known, found)) then known = found end
  end
end
table.sort(page, is_before)
local count = math.min(PAGE, #page)
while known and count > 0 and is_before(known, page[count]) do count = count - 1 end

-- Of a version are the jobs that are pinned to it, and those that run on it.
local function matches(job)
  if line == '' or job.line == line then return true end
  return job.status == 'running' and version_begun(job) == version
end

local done = { canceled = 0, stopping = 0 }
for n = 1, count do
  local job = load(page[n].id)
  local outcome = matches(job) and cancel(job)
  if outcome then done[outcome] = done[outcome] + 1 end
end

local is_last = not known and count == #page
local last = page[count]
redis.call('HINCRBY', key, 'canceled', done.canceled)
redis.call('HINCRBY', key, 'stopping', done.stopping)
if last then
  redis.call('HSET', key, 'at', last.score, 'at_id', last.id)
else
  -- As many of one microsecond as a page takes: the rest of them cannot be told apart from these.
  redis.call('HSET', key, 'at', whole(tonumber(at) + 1), 'at_id', '')
end
if is_last then
  redis.call('ZREM', P .. 'cancellations', id)
  redis.call('HSET', key, 'done_at', whole(NOW))
  redis.call('EXPIRE', key, CANCELLATION_KEPT_SECONDS)
  return redis.call('EXISTS', P .. 'cancellations')
end
redis.call('SET', P .. 'canceling', '1', 'PX', PAGES_APART_MS)
return 1
