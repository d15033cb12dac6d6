-- keep: what an attempt has come to, from which the next one goes on. It takes the place of the one before. `fenced`: the job is
-- not the attempt's own any more. `crowded`: nothing was changed, for want of room; what can lie in the object store goes there first.

local job = read(args.id, { 'status', 'fence', 'tenant', 'checkpoint' })
if job.status ~= 'running' or job.fence ~= args.fence then return { 'fenced' } end
-- The reply to this very call was lost and the attempt asked again.
local folder = select(3, checkpoint_of(job))
if folder and folder ~= '' and folder == args.folder then return { 'kept' } end
-- Work goes on without it: what would take the room in which jobs are to end is refused at once, and nobody waits for that room.
local most = #args.text <= SPARED_BYTES and TIGHT or args.is_spared and FULL or CROWDED
if memory_share() > most then return { 'crowded' } end

drop_checkpoint(job)
keep_bytes(job, args.bytes)
local text = table.concat({ whole(NOW), whole(args.bytes), args.folder, args.version, args.text }, '\t')
redis.call('HSET', job_key(job.id), 'checkpoint', text)
redis.call('HINCRBY', job_key(job.id), 'revision', 1)
return { 'kept' }
