-- Set before the scripts that purge jobs, behind the preludes of `jobs` and `webhooks`.

-- Events that were not made into deliveries yet. Their place in the outbox is the time of their end; the record keeps the
-- times of all its ends (`owe` in jobs/prelude.lua).
local function withdraw_events(job)
  for at in string.gmatch(job.owed_at .. ' ' .. job.finished_at, '%d+') do
    for _, entry in ipairs(redis.call('ZRANGEBYSCORE', P .. 'outbox', at, at)) do
      if string.find(entry, '"' .. job.id .. '"', 1, true) then redis.call('ZREM', P .. 'outbox', entry) end
    end
  end
end

-- What ended stays in its tenant's log for its week, without a word of the job.
local function strip_deliveries(job)
  for _, id in ipairs(redis.call('ZRANGE', P .. 'told:' .. job.id, 0, -1)) do
    redis.call('HDEL', delivery_key(id), 'facts', 'url')
  end
end

local function forget_deliveries(job)
  for _, id in ipairs(redis.call('ZRANGE', P .. 'told:' .. job.id, 0, -1)) do withdraw(read_delivery(id)) end
end

-- Everything of the job goes but a tombstone. Its objects and its hold on files, if it may have any, stay in `erasing`
-- until they are gone too.
local function purge(job, has_objects)
  local stored = tonumber(job.stored) or 0
  if stored > 0 then add_to_field(P .. 'stored', job.tenant, -stored) end
  redis.call('ZREM', index_key(job.tenant, job.status), job.id)
  redis.call('ZREM', P .. 'open', job.id)
  redis.call('ZREM', P .. 'purge', job.id)
  no_shelf(job.id)
  redis.call('DEL', job_key(job.id), P .. 'events:' .. job.id, P .. 'told:' .. job.id)
  if has_objects then redis.call('ZADD', P .. 'erasing', NOW, job.id .. ' ' .. job.tenant) end
  bury(job.id, job.tenant)
  hint(EVENTS_CHANNELS .. job.id, 'erased')
end

-- The same for one that was not due: with all that is owed or known of its webhooks. It does not run.
local function take_away(job)
  if job.batch ~= '' then
    if is_terminal(job.status) then count_in_batch(job.batch, job.status, -1) end
    count_in_batch(job.batch, 'purged', 1)
  end
  if job.status == 'queued' then
    count_in(job, -1)
    leave_line(job)
    -- It ends without an end in its record.
    use(job, USED_CANCELED, 1)
    add_to_minute('canceled', 1)
  end
  withdraw_events(job)
  forget_deliveries(job)
  purge(job, true)
  hint(CHANGES_CHANNEL, job.id .. ' purged')
end
