-- Set before every script that steers the versions of a model, or is steered. `steer` holds what an operator has set: `set` (the
-- current version stays whatever is published), `previous`, `traffic` and `guard`. `tally` counts how jobs ended that the split
-- gave to a version, by its line and the outcome; `judged` is how it stood when versions were compared last. `returned` says why
-- a version has no share any more. `steering` is the story, as a stream.

local function note_steering(event)
  redis.call('XADD', P .. 'steering', 'MAXLEN', STEERINGS_KEPT, '*', 'e', cjson.encode(event))
  redis.call('HSET', P .. 'steer', 'untold', '1')
end

-- Submits that name no version are for this one from now on.
local function make_current(version, manifest, prediction, training)
  local before = redis.call('GET', P .. 'current')
  redis.call('SET', P .. 'current', version)
  redis.call('SET', P .. 'manifest', manifest)
  -- By kind; where jobs of the former layout go.
  redis.call('HSET', P .. 'contracts', 'prediction', prediction, 'training', training)
  if before and before ~= version then redis.call('HSET', P .. 'steer', 'previous', before) end
  return before or ''
end
