/**
 * The messages between a host and the process that holds a model. `libs/host` speaks one side, `apps/runner` the other, in two
 * languages.
 */
import { z } from 'zod'
import { jobKindSchema } from './jobs/job-request.ts'
import { manifestSchema } from './manifest.ts'

/**
 * What the worker (host) and a runner say to each other: JSON, one message a line, at most 1 MB a line. The host writes
 * to the runner's descriptor 3 and reads its descriptor 4. Bytes never travel here: files are paths inside `work_dir`,
 * and a JSON value too large for a line is a file there too (`input_path`, `output_path`).
 * A runner holds at most `concurrency` runs of its manifest at once; ids tell them apart.
 * The runner's stdout and stderr are captured as log events and have no meaning. While it holds several runs nobody can
 * tell whose a line is that comes through them: it goes to none, and a `log` message with the run's id is the way to speak.
 */
export const RUNNER_PROTOCOL = 1

const attempt = { id: z.string().describe('The attempt this is about: the host picks it, the runner repeats it.') }

const note = z.record(z.string(), z.unknown()).optional()

const fileRef = z.object({
  pointer: z.string().describe('JSON pointer to its place in the value; the value holds null there.'),
  path: z.string().describe('Path relative to work_dir; never outside it.'),
  name: z.string(),
  content_type: z.string(),
})

const outputPath = z.string().optional().describe('Path, relative to work_dir, of a JSON file that holds the output.')

/** What was given before the end, kept if the job ends here. Like the output of `done`, but it need not fit a schema. */
const partialOutput = {
  output: z.unknown().optional().describe('What was given so far; absent when nothing was, or when in output_path.'),
  output_path: outputPath,
  files: z.array(fileRef).optional(),
}

export const hostMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('run'),
    ...attempt,
    kind: jobKindSchema.default('prediction'),
    input: z.unknown().optional().describe('The input; absent when it is in input_path.'),
    input_path: z.string().optional().describe('Absolute path of a JSON file that holds the input.'),
    files: z.array(fileRef.extend({ size: z.number().int(), sha256: z.string() })),
    work_dir: z.string().describe("Absolute path of the attempt's own folder; deleted afterwards."),
  }),
  z.object({ type: z.literal('cancel'), ...attempt }),
  z.object({ type: z.literal('shutdown') }),
])
export type HostMessage = z.infer<typeof hostMessageSchema>

export const runnerMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), protocol: z.literal(RUNNER_PROTOCOL), manifest: manifestSchema }),
  // The model can't be loaded, or its process can't go on after a run: it ends and is replaced.
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
      .describe('Set: the message is no line but a piece of what the run printed there, with its newlines.'),
    path: z
      .string()
      .optional()
      .describe('Of a named pipe in work_dir: the rest of what the run prints on that stream comes through it.'),
  }),
  z.object({ type: z.literal('output'), ...attempt, chunk: z.unknown() }),
  z.object({
    type: z.literal('done'),
    ...attempt,
    output: z.unknown().optional(),
    output_path: outputPath,
    files: z.array(fileRef),
    metrics: note.describe('What the model measured itself, by name; at most 4 KB of JSON, else left out.'),
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
      .describe('True: memory was what it lacked, of the machine or the device, so its process may be of no more use.'),
    details: note.describe(
      "The model's own words for programs, such as its code; at most 4 KB of JSON, else left out.",
    ),
    ...partialOutput,
  }),
  z.object({ type: z.literal('canceled'), ...attempt, ...partialOutput }),
  z.object({
    type: z.literal('heartbeat'),
    healthy: z
      .boolean()
      .optional()
      .describe('False: it takes no new run until it says otherwise, and is replaced after three times in a row.'),
    message: z.string().optional().describe('Why it is not healthy.'),
  }),
])
export type RunnerMessage = z.infer<typeof runnerMessageSchema>
/** What a model's process prints to. */
export type PrintStream = NonNullable<Extract<RunnerMessage, { type: 'log' }>['stream']>
export type RunnerFile = z.infer<typeof fileRef>
