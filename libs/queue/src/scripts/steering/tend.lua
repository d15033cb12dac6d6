-- tend: looks after the split of traffic, and answers what has happened to the versions of the model that nobody was told yet.

local steer = {}
for _, name in ipairs({ 'traffic', 'guard', 'told' }) do steer[name] = redis.call('HGET', P .. 'steer', name) end

-- How jobs of a line ended since versions were compared last.
local function since_judged(line)
  local function counted(word)
    local field = line .. ' ' .. word
    return (tonumber(redis.call('HGET', P .. 'tally', field)) or 0) - (tonumber(redis.call('HGET', P .. 'judged', field)) or 0)
  end
  local failed = counted('failed')
  return failed, failed + counted('succeeded')
end

-- A share whose version nobody serves goes to the current one; whoever submits sees to that. It is told once.
local function look_at_workers(one)
  local away = 'away ' .. one.version
  local is_served = redis.call('ZCOUNT', P .. 'workers:' .. one.version, whole(NOW - WORKER_ALIVE_MS), '+inf') > 0
  local was_away = redis.call('HEXISTS', P .. 'steer', away) == 1
  if is_served == not was_away then return end
  if is_served then redis.call('HDEL', P .. 'steer', away) else redis.call('HSET', P .. 'steer', away, '1') end
  note_steering({ type = is_served and 'served' or 'unserved', version = one.version, share = one.share })
end

-- Its share becomes 0 and goes to the current version.
local function give_back(one, shares, current, facts)
  facts.type, facts.version, facts.share = 'returned', one.version, one.share
  for _, other in ipairs(shares) do
    if other.version == current then other.share = other.share + one.share end
  end
  one.share = 0
  redis.call('HSET', P .. 'steer', 'traffic', cjson.encode(shares))
  facts.at = whole(NOW)
  redis.call('HSET', P .. 'returned', one.version, cjson.encode(facts))
  note_steering(facts)
end

-- Whether the failures of a version are more than those of all others by the margin, and by more than chance would have it.
local function is_worse(failed, ended, others_failed, others_ended, margin)
  local rate, base = failed / ended, others_failed / others_ended
  local all = (failed + others_failed) / (ended + others_ended)
  local error = math.sqrt(all * (1 - all) * (1 / ended + 1 / others_ended))
  return rate - base > margin and rate - base > STANDARD_ERRORS * error
end

-- Compares each version that has a share, and is not the current one, with all others together.
local function judge(shares, guard)
  local current = redis.call('GET', P .. 'current')
  local is_complete = true
  for _, one in ipairs(shares) do
    if one.share > 0 and one.version ~= current then
      local failed, ended = since_judged(one.line)
      local others_failed, others_ended = 0, 0
      for _, other in ipairs(shares) do
        if other ~= one then
          local theirs, all = since_judged(other.line)
          others_failed, others_ended = others_failed + theirs, others_ended + all
        end
      end
      if ended < guard.jobs or others_ended == 0 then
        is_complete = false
      elseif is_worse(failed, ended, others_failed, others_ended, guard.margin) then
        give_back(one, shares, current,
          { failed = failed, jobs = ended, others_failed = others_failed, others_jobs = others_ended })
      end
    end
  end
  if not is_complete then return end
  -- What comes after is compared anew, or a version that fails late would hide behind what was well.
  for _, one in ipairs(shares) do
    for _, word in ipairs({ 'succeeded', 'failed' }) do
      local field = one.line .. ' ' .. word
      redis.call('HSET', P .. 'judged', field, redis.call('HGET', P .. 'tally', field) or '0')
    end
  end
end

if steer.traffic then
  local shares = cjson.decode(steer.traffic)
  for _, one in ipairs(shares) do
    if one.share > 0 then look_at_workers(one) end
  end
  if steer.guard and steer.guard ~= '' then judge(shares, cjson.decode(steer.guard)) end
end

local untold = redis.call('XRANGE', P .. 'steering', steer.told and '(' .. steer.told or '-', '+', 'COUNT', STEERINGS_TOLD)
local texts = {}
for n, entry in ipairs(untold) do texts[n] = entry[2][2] end
if #untold > 0 then redis.call('HSET', P .. 'steer', 'told', untold[#untold][1]) end
if #untold < STEERINGS_TOLD then redis.call('HDEL', P .. 'steer', 'untold') end
return texts
