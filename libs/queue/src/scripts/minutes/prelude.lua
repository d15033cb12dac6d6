-- Set before every script about the records of jobs, behind the prelude of `usage`: what happened to the jobs of the model in each
-- minute of the last day. `minute:<n>` is a hash: `submitted` and `reran` are counts. How a job ended, and how long its model ran then, is
-- one field, such as `succeeded 31`; `wait 17` is how long attempts waited. The number is the step of the length; it stands for lengths
-- that differ by a quarter at most. What such a field holds is two numbers in one: all lengths together, in milliseconds, times
-- MINUTE_COUNTS, and how many there were. So an end costs two commands. Read by redis-model-minutes.ts.

local minute_key = P .. 'minute:' .. whole(math.floor(NOW / MINUTE))

local function step_of(ms) return math.floor(MINUTE_STEPS * math.log(math.max(1, ms)) / math.log(2)) end

-- A whole number of at most 53 bits: such a format costs half of what `whole` does.
local function write_minute(field, by)
  if redis.call('HINCRBY', minute_key, field, string.format('%d', by)) == by then redis.call('EXPIRE', minute_key, MINUTE_KEPT_SECONDS) end
end

-- What a script has gathered, by field.
local minute = {}
local function write_minutes()
  local now = minute
  minute = {}
  for field, by in pairs(now) do write_minute(field, by) end
end

local function add_to_minute(field, by)
  if not gathered then return write_minute(field, by) end
  local sum = (minute[field] or 0) + by
  minute[field] = sum
  -- Beyond that a number is not exact any more.
  if sum > MINUTE_FULL then
    minute[field] = nil
    write_minute(field, sum)
  end
end

-- A length of so many milliseconds.
local function note_length(what, ms)
  ms = math.floor(math.min(math.max(0, ms), LONGEST_NOTED_MS))
  add_to_minute(what .. ' ' .. step_of(ms), ms * MINUTE_COUNTS + 1)
end
