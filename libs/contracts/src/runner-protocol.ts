/**
 * The messages between the host and the process that holds a model. `libs/host` speaks the one side; `apps/runner`
 * speaks the other, in Node and in Python.
 */
import { z } from 'zod'
import { CHECKPOINT_REFUSALS, checkpointFileNameSchema, type CheckpointRefusal } from './jobs/checkpoint.ts'
import { jobKindSchema } from './jobs/job-request.ts'
import { manifestSchema } from './manifest.ts'

/**
 * Version of the runner protocol. The messages are JSON, one per line, at most 1 MB per line (LIMITS.frameBytes). The
 * host writes to the runner's descriptor 3 and reads from its descriptor 4.
 * Bytes are never sent this way: files are paths inside `work_dir`, and a JSON value that is too large for a line is a
 * file there too (`input_path`, `output_path`).
 * A runner holds at most as many runs at once as `concurrency` of its manifest says; ids tell the runs apart. One that takes
 * a single run at a time, and said `holds`, may be given the next one while that run goes on (`held`). Then the model does not
 * wait for the host between two runs.
 * A runner with `batch` in its manifest, and that said `holds`, is given its runs in that way at any time, except those that must be
 * alone. When the model is free it takes as many of those that wait as one call may have, says `began` for each, and answers each.
 * The host takes what the runner prints (stdout and stderr) as log lines; it has no other meaning. While several runs
 * are open, nobody can tell whose line it is, so the line belongs to none of them. A run that wants its line kept then
 * sends a `log` message with its id.
 */
export const RUNNER_PROTOCOL = 1

const attempt = {
  id: z.string().describe('The attempt that the message is about. The host chooses the id, the runner repeats it.'),
}

const note = z.record(z.string(), z.unknown()).optional()

const fileRef = z.object({
  pointer: z.string().describe('JSON pointer to the place of the file. The value has null there.'),
  path: z.string().describe('Path relative to work_dir, and never outside it.'),
  name: z.string(),
  content_type: z.string(),
})

const outputPath = z.string().optional().describe('Path, relative to work_dir, of a JSON file that holds the output.')

/**
 * What the model had given before its end. It is kept if the job ends here. Like the output of `done`, but it need not
 * fit the schema.
 */
const partialOutput = {
  output: z
    .unknown()
    .optional()
    .describe('What the model had given so far. Absent when there is nothing, or when it is in output_path.'),
  output_path: outputPath,
  files: z.array(fileRef).optional(),
}

/** The state of a checkpoint: a JSON value, or the path of a file that holds it; and its files, by the names that the model gave them. */
const checkpointState = {
  state: z.unknown().optional().describe('A JSON value. Absent when it is in state_path.'),
  state_path: z.string().optional().describe('Path, relative to work_dir, of a JSON file that holds it.'),
  files: z.array(z.object({ name: checkpointFileNameSchema, path: fileRef.shape.path })),
}

const refusals = Object.keys(CHECKPOINT_REFUSALS) as [CheckpointRefusal, ...CheckpointRefusal[]]

/** What the host sends to the runner. */
export const hostMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('run'),
    ...attempt,
    kind: jobKindSchema.default('prediction'),
    input: z.unknown().optional().describe('The input. Absent when it is in input_path.'),
    input_path: z.string().optional().describe('Absolute path of a JSON file that holds the input.'),
    files: z.array(fileRef.extend({ size: z.number().int(), sha256: z.string() })),
    work_dir: z.string().describe("Absolute path of the attempt's own folder. The host deletes it afterwards."),
    resumed: z.object(checkpointState).optional().describe('The checkpoint from which the run is to go on.'),
    held: z
      .string()
      .optional()
      .describe(
        'The run waits behind the one that goes on. Path, relative to work_dir, of an empty folder. Whoever removes that folder has the run: the runner, which then says `began` and begins it, or the host, which takes it back. A runner may do so when the run before it is done and printed nothing, just before it says `done`; one that batches, whenever no call goes on. A held run that it does not take, it forgets.',
      ),
  }),
  z.object({ type: z.literal('cancel'), ...attempt }),
  z
    .object({ type: z.literal('draining'), ...attempt })
    .describe(
      'The worker goes away or is to hold nothing more: the run ends with its next checkpoint, if it makes one.',
    ),
  z.object({
    type: z.literal('checkpointed'),
    ...attempt,
    number: z.number().int().describe('Of the checkpoint that this is about. The host answers each.'),
    refused: z
      .object({ code: z.enum(refusals), message: z.string() })
      .optional()
      .describe('Why it was not kept. Absent: it is kept, whatever happens from now on.'),
  }),
  z.object({ type: z.literal('shutdown') }),
])
export type HostMessage = z.infer<typeof hostMessageSchema>

/** What the runner sends to the host. */
export const runnerMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    protocol: z.literal(RUNNER_PROTOCOL),
    manifest: manifestSchema,
    holds: z.boolean().optional().describe('True: it understands `held`. Left out: it gets no run ahead.'),
  }),
  z.object({ type: z.literal('began'), ...attempt }).describe('The run that was held begins now, or begins again.'),
  z
    .object({
      type: z.literal('batch_failed'),
      ids: z.array(z.string()).min(1).describe('The runs of the call, without those that have their answer already.'),
      out_of_memory: z.boolean().optional().describe('True when the memory was not enough for so many together.'),
    })
    .describe(
      'A call with several runs raised. Each of them is called again, with fewer or alone, and begins anew with `began`; until then it waits.',
    ),
  // The model cannot be loaded, or its process cannot continue after a run. The process ends and is replaced.
  z.object({ type: z.literal('setup_failed'), message: z.string(), traceback: z.string().optional() }),
  z.object({
    type: z.literal('progress'),
    ...attempt,
    fraction: z.number().min(0).max(1),
    message: z.string().optional(),
  }),
  z.object({
    type: z.literal('log'),
    id: z.string().optional(),
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: z.string(),
    stream: z
      .enum(['stdout', 'stderr'])
      .optional()
      .describe('When set, the message is a piece of what the run printed there, with its newlines, and not one line.'),
    path: z
      .string()
      .optional()
      .describe(
        'Path of a named pipe in work_dir. Everything else that the run prints on this stream comes through that pipe.',
      ),
  }),
  z.object({ type: z.literal('output'), ...attempt, chunk: z.unknown() }),
  z
    .object({ type: z.literal('checkpoint'), ...attempt, number: z.number().int().min(1), ...checkpointState })
    .describe(
      'What the run has come to, from which another attempt can go on. Its files stay as they are until the host has answered with `checkpointed`.',
    ),
  z.object({
    type: z.literal('done'),
    ...attempt,
    output: z.unknown().optional(),
    output_path: outputPath,
    files: z.array(fileRef),
    metrics: note.describe('What the model itself measured, by name. At most 4 KB of JSON; more is left out.'),
  }),
  z.object({
    type: z.literal('failed'),
    ...attempt,
    code: z.enum(['model_error', 'invalid_input', 'invalid_output']),
    message: z.string(),
    traceback: z.string().optional(),
    out_of_memory: z
      .boolean()
      .optional()
      .describe(
        'True when the memory of the machine or the device was not enough. The process may be unusable afterwards.',
      ),
    details: note.describe(
      'Facts from the model for programs, such as its own error code. At most 4 KB of JSON; more is left out.',
    ),
    ...partialOutput,
  }),
  z.object({ type: z.literal('canceled'), ...attempt, ...partialOutput }),
  z.object({
    type: z.literal('heartbeat'),
    healthy: z
      .boolean()
      .optional()
      .describe(
        'False: the runner gets no new run until it sends true. After three times false in a row it is replaced.',
      ),
    message: z.string().optional().describe('Why the runner is not healthy.'),
  }),
])
export type RunnerMessage = z.infer<typeof runnerMessageSchema>
/** The two streams to which a model's process prints. */
export type PrintStream = NonNullable<Extract<RunnerMessage, { type: 'log' }>['stream']>
export type RunnerFile = z.infer<typeof fileRef>
