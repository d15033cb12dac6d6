-- Set before every script about the records of jobs, behind the prelude of `log`: what a job has in the object store, and the
-- checkpoint from which its next attempt goes on. Folders of checkpoints whose objects are to be deleted are in `dropped`.

-- Objects in the store are the job's own from now on, until it is purged: its input and what attempts have left. Files of an
-- input are not: see files/. Below 0: they are the job's no more.
local function keep_bytes(job, bytes)
  if bytes == 0 then return end
  redis.call('HINCRBY', job_key(job.id), 'stored', whole(bytes))
  add_to_field(P .. 'stored', job.tenant, bytes)
end

-- What the record keeps of a checkpoint, with tabs between: when it was made, its bytes in the object store, the folder of its
-- objects if it has any, the version of the model that made it, and JSON. Answers the first four; nothing when there is none.
local function checkpoint_of(job) return string.match(job.checkpoint, '^(%d+)\t(%d+)\t([^\t]*)\t([^\t]*)\t') end

-- Nobody goes on from the checkpoint any more: its objects are to be deleted, see dropped.lua.
local function drop_checkpoint(job)
  local _, bytes, folder = checkpoint_of(job)
  if not bytes then return end
  if folder ~= '' then add_to_set(P .. 'dropped', whole(NOW), job.id .. ' ' .. folder .. ' ' .. job.tenant) end
  keep_bytes(job, -tonumber(bytes))
end
