/**
 * Every key of the `millrace.yaml` beside a model, with its meaning. `readModelSettings` reads the file by this schema, and
 * the table in docs/models.md is made from it. All durations are in seconds.
 */
import { jsonSchemaSchema, manifestSchema, modelNameSchema } from '@millrace/contracts'
import { z } from 'zod'
import { isOwnSecret } from './runner-environment.ts'

/** The ways to write a model in Python. */
export const PYTHON_CONVENTIONS = ['ai_integration', 'deepaas', 'aiges', 'cog', 'predict'] as const

const limits = manifestSchema.shape
const trainingLimits = limits.training.unwrap().unwrap().shape
const scalar = z.union([z.string(), z.number(), z.boolean()], 'expected text')
const device = z.string().regex(/^(cpu|cuda:\d+)$/, 'expected a device such as cpu or cuda:0')

const NAME_RULE = 'expected lower case letters, digits and dashes, a letter first, at most 63'

/** The slot of the runner sets these variables. */
const PINNED = new Set(['CUDA_VISIBLE_DEVICES'])

const environment = z.record(z.string(), scalar.transform(String)).superRefine((env, issues) => {
  for (const name of Object.keys(env)) {
    const why = PINNED.has(name)
      ? 'is set by the slot a runner is on; use `slots`'
      : isOwnSecret(name)
        ? 'is a setting of Millrace itself and never reaches a model; choose another name'
        : /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
          ? undefined
          : 'is no name for an environment variable'
    if (why !== undefined) issues.addIssue({ code: 'custom', path: [name], message: why })
  }
})

const batch = z
  .union(
    [z.number().int().min(1), z.strictObject(limits.batch.unwrap().unwrap().shape)],
    'expected a whole number, or max_size with max_wait_ms',
  )
  .transform((value) => (typeof value === 'number' ? { max_size: value, max_wait_ms: 0 } : value))

const text = (max: number) => z.string('expected text; put it in quotes').min(1, 'expected text').max(max)

export const modelSettingsSchema = z.strictObject({
  name: z
    .string()
    .refine((name) => modelNameSchema.safeParse(name).success, NAME_RULE)
    .optional()
    .describe("Name of the model. Default: its folder's name."),
  version: text(64).optional().describe('Version that clients see. Default: what the model says, else 0.0.0.'),
  description: text(4096).optional().describe('One paragraph for whoever calls it. Default: what the model says.'),
  task: limits.task
    .unwrap()
    .optional()
    .describe('What it does, where clients of other platforms have a call for it. Default: nothing of that kind.'),
  convention: z
    .enum([...PYTHON_CONVENTIONS, 'typescript'])
    .optional()
    .describe('How the model is written. Default: detected.'),
  ref: text(512).optional().describe('Where the model is: `predict.py:Predictor`, `wrapper.py`, `package.module`.'),
  train: text(512).optional().describe('Where its training is, for jobs of kind `training`: `train.py:train`.'),
  python: text(4096)
    .optional()
    .describe(
      'Interpreter or virtual environment, relative to the folder. Default: `.venv`, `venv`, MILLRACE_PYTHON, `python3`.',
    ),
  env: environment.optional().describe("Environment variables of the model's process."),
  slots: z
    .union([z.number().int().min(1), z.array(device).min(1)], 'expected a whole number from 1, or a list of devices')
    .optional()
    .describe('At most so many runners in one worker, or the devices it may run on. Default: one on every slot.'),
  timeout: limits.timeout_seconds.unwrap().optional().describe('Longest run of one attempt. Default: 600.'),
  training_timeout: trainingLimits.timeout_seconds
    .unwrap()
    .optional()
    .describe('Longest training of one attempt. Default: 86400, a day.'),
  cancel_grace: limits.cancel_grace_seconds
    .unwrap()
    .optional()
    .describe('From asking a run to stop until it is killed. Default: 10.'),
  max_attempts: limits.max_attempts
    .unwrap()
    .optional()
    .describe('Attempts when the model raises an error. Default: 1.'),
  retention: limits.retention_seconds
    .unwrap()
    .optional()
    .describe("Seconds that a finished job and its files are kept. Default: the server's own time."),
  batch: batch
    .optional()
    .describe(
      'Inputs of several jobs that `predict` takes in one call, as lists: at most so many, or `max_size` and `max_wait_ms`. Default: one at a time.',
    ),
  concurrency: limits.concurrency
    .unwrap()
    .optional()
    .describe('Runs that one process may have under way; for async models. Default: what the model says, else 1.'),
  setup_timeout: z
    .number()
    .positive()
    .max(86_400)
    .optional()
    .describe('How long loading may take until the process is replaced. Default: 900.'),
  memory_errors: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('Runs that may end for want of memory until their process is replaced. Default: 1.'),
  max_jobs: z
    .number()
    .int()
    .min(1)
    .max(1_000_000_000)
    .optional()
    .describe('Runs after which the process is replaced, though it is well. Default: no limit.'),
  max_memory_growth: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,3})?(MiB|GiB)$/, 'expected a size such as 512MiB or 2GiB')
    .optional()
    .describe(
      'Memory that the process may have gained since its second run; with more it is replaced after a run. On Linux. Default: no limit.',
    ),
  isolated: z
    .boolean()
    .optional()
    .describe(
      'Whether each run has a process of its own, which ends with all that the run started. It loads for each run, and takes one at a time whatever the model says of `concurrency` and `batch`. Default: no.',
    ),
  config: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("Values for the model's own set-up: `wrapperInit`, an `InferenceService`'s config, Cog's `weights`."),
  input: jsonSchemaSchema.optional().describe('JSON Schema of the input, in place of the one that was found out.'),
  output: jsonSchemaSchema.optional().describe('JSON Schema of the output, in place of the one that was found out.'),
  examples: limits.examples
    .unwrap()
    .optional()
    .describe(
      'Inputs to try it with, shown to callers: a list of `name` and `input`. A file is its path in the folder. At most 10, and 64 KB with their files.',
    ),
  node_options: z
    .array(z.string().startsWith('--', 'expected an option such as --max-old-space-size=4096'))
    .optional()
    .describe('Options of node for a TypeScript model, such as `--max-old-space-size=4096`.'),
})
export type ModelSettings = z.infer<typeof modelSettingsSchema>

/** The keys that count for a `model.ts`. It says all else itself, in defineModel. */
export const TYPESCRIPT_KEYS: ReadonlySet<string> = new Set([
  'convention',
  'env',
  'slots',
  'setup_timeout',
  'memory_errors',
  'max_jobs',
  'max_memory_growth',
  'isolated',
  'node_options',
] satisfies (keyof ModelSettings)[])
/** True for keys that count for a Python model. */
export const isPythonKey = (key: string): boolean => key !== 'node_options'

/** The default of `setup_timeout`. Seconds. */
export const SETUP_TIMEOUT = 900
