-- relocation_page: the next jobs of the oldest relocation that is not done, for a process that checks their inputs and comes back with
-- relocate.lua. It has them for a while; then, for it may have died, another one is given the same.
-- All open jobs are walked, by when they are to be looked at: while a job waits, this never goes back. So none that waits all
-- the time is missed, in whichever row, or in none yet.

local id = redis.call('ZRANGE', P .. 'relocations', 0, 0)[1]
if not id then return { 'none' } end
local holder = redis.call('GET', P .. 'relocating')
if holder and holder ~= args.process then return { 'taken' } end
redis.call('SET', P .. 'relocating', args.process, 'PX', RELOCATION_TAKEN_MS)

local kept = redis.call('HMGET', P .. 'relocation:' .. id, 'line', 'until', 'after')
local line, last_us, after = kept[1], tonumber(kept[2]), kept[3]

-- The job that the last page ended with may be gone, or elsewhere. What stands in for it shows what comes next.
local from = 0
if after ~= '' then
  local score, job = string.match(after, '^(%S+) (%S+)$')
  local stand_in = job .. ' '
  redis.call('ZADD', P .. 'open', score, stand_in)
  from = redis.call('ZRANK', P .. 'open', stand_in)
  redis.call('ZREM', P .. 'open', stand_in)
end

local flat = redis.call('ZRANGE', P .. 'open', from, from + RELOCATION_SEEN - 1, 'WITHSCORES')
local jobs, next, is_last = {}, after, #flat < 2 * RELOCATION_SEEN
for i = 1, #flat, 2 do
  local job = redis.call('HMGET', job_key(flat[i]), 'status', 'line', 'created_us')
  if job[1] == 'queued' and job[2] == line and tonumber(job[3]) <= last_us then jobs[#jobs + 1] = flat[i] end
  next = flat[i + 1] .. ' ' .. flat[i]
  if #jobs == PAGE then
    is_last = is_last and i + 1 == #flat
    break
  end
end
return { 'page', id, after, next, is_last and 1 or 0, jobs }
