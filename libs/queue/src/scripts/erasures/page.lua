-- page: the next piece of an erasure in this shard. Its part says how far it came, so whoever comes next goes on there. Answers whether
-- there is `more`, whether jobs are `waiting` to end that were told to, or whether it is `done`; and jobs that were purged and whose
-- objects are to be deleted now.

local key = part_key(args.id)
local kept = redis.call('HMGET', key, 'tenant', 'dry', 'stage', 'at', 'at_id', 'to', 'cursor', 'filter', 'found')
local tenant, is_dry, stage, at, at_id, to, cursor = kept[1], kept[2] == '1', kept[3], kept[4], kept[5], kept[6], kept[7]
local filter = kept[8] and cjson.decode(kept[8])
local purged = {}
if not tenant or stage == 'done' then return { 'done', purged } end

local function count(what, by) count_erased(key, what, by) end

local function erase_job(id)
  local job = load(id)
  local more = read(id, { 'finished_at', 'owed_at', 'key', 'idem', 'misfit', 'stored' })
  for name, value in pairs(more) do job[name] = value end
  if job.status == 'running' then
    cancel(job)
    return 1
  end
  count('jobs', 1)
  count('deliveries', redis.call('ZCARD', P .. 'told:' .. id))
  take_away(job)
  if job.idem ~= '' then redis.call('DEL', P .. 'idem:' .. job.idem) end
  forget_misfit(job)
  -- Of a tenant that stays it is known for a day that there was such a job.
  if not filter then redis.call('HDEL', purged_key(THIS_HOUR), string.sub(id, 13)) end
  purged[#purged + 1] = id
  return 0
end

local STEPS = {}

function STEPS.jobs()
  local page, is_last = walk(tenant, ALL_STATUSES, at, at_id, to)
  local running = 0
  for _, found in ipairs(page) do
    if not filter or metadata_matches(found.id, filter) then
      if is_dry then
        count('jobs', 1)
        count('deliveries', filter and redis.call('ZCARD', P .. 'told:' .. found.id) or 0)
      else
        running = running + erase_job(found.id)
      end
    end
  end
  running = redis.call('HINCRBY', key, 'running_seen', running)
  walk_on(key, at, page)
  if not is_last then return 'more' end
  redis.call('HSET', key, 'running', running, 'running_seen', 0, 'at', '0', 'at_id', '')
  return running > 0 and 'waiting' or 'next'
end

-- What was purged, by this or before, and whose objects are not deleted yet. It is looked through until nothing is found.
function STEPS.objects()
  local found = redis.call('ZSCAN', P .. 'erasing', cursor, 'MATCH', '* ' .. tenant, 'COUNT', PAGE)
  for i = 1, #found[2], 2 do purged[#purged + 1] = string.match(found[2][i], '^%S+') end
  local any = (tonumber(kept[9]) or 0) + #purged
  redis.call('HSET', key, 'cursor', found[1], 'found', found[1] == '0' and 0 or any)
  return found[1] == '0' and any == 0 and 'next' or 'more'
end

-- Checkpoints whose objects are still to be deleted. With all of a tenant those go anyway, and of a job that is erased they went with it.
function STEPS.dropped()
  local found = redis.call('ZSCAN', P .. 'dropped', cursor, 'MATCH', '* ' .. tenant, 'COUNT', PAGE)
  for i = 1, #found[2], 2 do redis.call('ZREM', P .. 'dropped', found[2][i]) end
  redis.call('HSET', key, 'cursor', found[1])
  return found[1] == '0' and 'next' or 'more'
end

function STEPS.deliveries()
  for _, status in ipairs(DELIVERY_STATUSES) do
    local index = delivery_index(tenant, status)
    if is_dry then
      count('deliveries', redis.call('ZCARD', index))
    else
      local ids = redis.call('ZRANGE', index, 0, PAGE - 1)
      for _, id in ipairs(ids) do
        withdraw(read_delivery(id))
        -- One that the index knew and that was not there.
        redis.call('ZREM', index, id)
      end
      count('deliveries', #ids)
      if #ids > 0 then return 'more' end
    end
  end
  return 'next'
end

-- Events whose jobs were purged before they were turned into deliveries.
function STEPS.outbox()
  local found = redis.call('ZSCAN', P .. 'outbox', cursor, 'COUNT', PAGE)
  for i = 1, #found[2], 2 do
    local entry = found[2][i]
    if string.find(entry, '"tenant":"' .. tenant .. '"', 1, true) then redis.call('ZREM', P .. 'outbox', entry) end
  end
  redis.call('HSET', key, 'cursor', found[1])
  return found[1] == '0' and 'next' or 'more'
end

-- Ids of jobs that were purged of late; of each it is known whose it was.
function STEPS.purged()
  local hour, at_field = string.match(cursor, '^(%d+):(%d+)$')
  hour, at_field = tonumber(hour) or THIS_HOUR - PURGED_HOURS - 2, at_field or '0'
  local found = redis.call('HSCAN', purged_key(hour), at_field, 'COUNT', PAGE)
  for i = 1, #found[2], 2 do
    if found[2][i + 1] == tenant then redis.call('HDEL', purged_key(hour), found[2][i]) end
  end
  if found[1] == '0' then hour = hour + 1 end
  redis.call('HSET', key, 'cursor', hour .. ':' .. found[1])
  return hour > THIS_HOUR and 'next' or 'more'
end

-- Webhook endpoints, and days on which something was used.
function STEPS.settings()
  local settings = redis.call('HGET', P .. 'hooks', tenant)
  if settings then count('endpoints', #cjson.decode(settings).endpoints) end
  if not is_dry then
    redis.call('HDEL', P .. 'hooks', tenant)
    redis.call('HDEL', P .. 'hooked', tenant)
    redis.call('ZREM', P .. 'unmarked', tenant)
  end
  local today = math.floor(NOW / DAY)
  for day = today - math.ceil(USAGE_KEPT_SECONDS * SECOND / DAY), today do
    count('usage', redis.call(is_dry and 'EXISTS' or 'DEL', usage_key(day, tenant)))
    if not is_dry then redis.call('SREM', users_key(day), tenant) end
  end
  return 'next'
end

-- All else that names the tenant: its place in the lines, what was set for it, its cancellations.
function STEPS.traces()
  for _, line in ipairs(redis.call('HKEYS', P .. 'lines')) do
    redis.call('ZREM', turn_key(line), tenant)
    redis.call('ZREM', capped_key(line), tenant)
  end
  redis.call('ZREM', P .. 'rested', tenant)
  redis.call('HDEL', P .. 'policy', tenant, left_field(tenant))
  redis.call('HDEL', P .. 'policy:fence', tenant)
  redis.call('HDEL', P .. 'stored', tenant)
  for _, id in ipairs(args.cancellations) do
    redis.call('DEL', P .. 'cancellation:' .. id)
    redis.call('ZREM', P .. 'cancellations', id)
  end
  return 'next'
end

local ORDER = { 'jobs', 'objects', 'dropped', 'deliveries', 'outbox', 'purged', 'settings', 'traces', 'done' }
if filter then ORDER = { 'jobs', 'objects', 'done' } end
if is_dry then ORDER = filter and { 'jobs', 'done' } or { 'jobs', 'deliveries', 'settings', 'done' } end

local outcome = STEPS[stage]()
if outcome == 'waiting' then return { 'waiting', purged } end
if outcome == 'next' then
  for n, name in ipairs(ORDER) do
    if name == stage then
      redis.call('HSET', key, 'stage', ORDER[n + 1], 'cursor', '0')
      if ORDER[n + 1] == 'done' then return { 'done', purged } end
      break
    end
  end
end
return { 'more', purged }
