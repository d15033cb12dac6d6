-- arrive: a create has come in. If an equal one died without an answer, this one is that one again, and nobody else is. If somebody has an
-- equal one in hand, or another process has only just answered it, that may have died without this being known here yet: `unsure`, and
-- nothing is noted. `judged`: what was found out about owners since.

local key = equals_key(args.what)
local judged = {}
for _, one in ipairs(args.judged) do judged[one.owner] = one.lives and 'lives' or 'lost' end
local function process_of(owner) return string.match(owner, '^[^.]+') end

local function keep(id)
  note(args.what, id, 'in_hand', args.owner)
  redis.call('PEXPIRE', key, IN_HAND_MS)
end

local died, unsure, oldest
local known = redis.call('HGETALL', key)
for i = 1, #known, 2 do
  local fate, owner, at = parts_of(known[i + 1])
  local one = { id = known[i], fate = fate, owner = owner, at = tonumber(at) }
  local age = NOW - one.at
  if age >= (fate == 'died' and REPEAT_MS or fate == 'answered' and UNSURE_MS or IN_HAND_MS) then
    redis.call('HDEL', key, one.id)
  elseif fate == 'died' or (fate == 'in_hand' and judged[owner] == 'lost') then
    if not died or one.at < died.at then died = one end
  elseif (fate == 'in_hand' or process_of(owner) ~= process_of(args.owner)) and judged[owner] ~= 'lives' then
    unsure = unsure or one
  end
  if not oldest or one.at < oldest.at then oldest = one end
end

if died then
  keep(died.id)
  return { 'repeat', died.id }
end
if unsure then return { 'unsure', unsure.owner, unsure.fate } end
if #known >= 2 * MOST_EQUAL then redis.call('HDEL', key, oldest.id) end
keep(args.id)
return { 'new' }
