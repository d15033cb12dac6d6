/**
 * The argument that starts the Python runner: these settings as JSON. `run_model.py` reads the same names; a test in
 * test/contract compares the two.
 */
import { manifestSchema, modelNameSchema } from '@millrace/contracts'
import { z } from 'zod'
import { type ModelSettings, PYTHON_CONVENTIONS } from '../settings/model-settings.ts'
import { type CogYaml, cogSettingsSchema } from './read-cog-yaml.ts'

const { shape } = manifestSchema
// Without the defaults of a manifest, because the model itself decides what is left out here.
const overrides = z
  .strictObject({
    version: shape.version,
    description: shape.description.unwrap(),
    task: shape.task.unwrap(),
    timeout_seconds: shape.timeout_seconds.unwrap(),
    max_attempts: shape.max_attempts.unwrap(),
    cancel_grace_seconds: shape.cancel_grace_seconds.unwrap(),
    retention_seconds: shape.retention_seconds.unwrap(),
    batch: shape.batch.unwrap().unwrap(),
    concurrency: shape.concurrency.unwrap(),
    input_schema: shape.input_schema,
    output_schema: shape.output_schema,
    examples: shape.examples.unwrap(),
    // The model itself says what a training takes and gives.
    training: shape.training.unwrap().unwrap().pick({ timeout_seconds: true }),
  })
  .partial()

export const pythonSettingsSchema = z.strictObject({
  folder: z.string().describe("Absolute path of the model's folder, which is also the working directory."),
  convention: z.enum(PYTHON_CONVENTIONS).nullable().describe('Null: to be detected.'),
  ref: z.string().nullable().describe('Where the model is, such as `predict.py:Predictor`; null: to be found.'),
  train_ref: z.string().nullable().describe('Where its training is.'),
  host_pid: z.number().int().describe('Process id of the worker: the runner ends when it is gone.'),
  device: z.string().describe('The device as the process sees it: `cpu` or `cuda:0`.'),
  cog: cogSettingsSchema.optional().describe('What cog.yaml says; absent without one.'),
  config: z.record(z.string(), z.unknown()).describe("Values for the model's own set-up."),
  manifest: overrides
    .extend({ name: modelNameSchema })
    .describe('`name` always; the rest replaces what the model says or what was found out.'),
  print: z
    .literal('aiges_schema')
    .optional()
    .describe('Print that document on descriptor 4 and end, instead of running.'),
  heartbeat_seconds: z.number().positive().optional().describe('Between two signs of life; absent: 5.'),
})
export type PythonSettings = z.infer<typeof pythonSettingsSchema>
type Overrides = z.infer<typeof overrides>

export interface PythonSettingsOptions {
  folder: string
  /** The settings in the folder's millrace.yaml. */
  settings: ModelSettings
  hostPid: number
  /** The device as the process sees it. */
  device: string
  /** The settings in the folder's cog.yaml. */
  cog?: CogYaml
  print?: PythonSettings['print']
}

/** The settings of one process. */
export function pythonSettingsOf(options: PythonSettingsOptions): PythonSettings {
  const { folder, settings, hostPid, device, cog, print } = options
  const { convention, ref, train, config } = settings
  return {
    folder,
    convention: convention === undefined || convention === 'typescript' ? null : convention,
    ref: ref ?? null,
    train_ref: train ?? null,
    host_pid: hostPid,
    device,
    ...(cog && { cog: cog.settings }),
    config: config ?? {},
    manifest: manifestOf(folder, settings),
    ...(print !== undefined && { print }),
  }
}

function manifestOf(folder: string, settings: ModelSettings): PythonSettings['manifest'] {
  const { name, version, description, timeout, max_attempts, cancel_grace, retention, batch, concurrency } = settings
  const { task, input, output, training_timeout, examples } = settings
  const given: { [Key in keyof Overrides]: Overrides[Key] | undefined } = {
    version,
    description,
    task,
    timeout_seconds: timeout,
    max_attempts,
    cancel_grace_seconds: cancel_grace,
    retention_seconds: retention,
    batch,
    concurrency,
    input_schema: input,
    output_schema: output,
    examples,
    training: training_timeout === undefined ? undefined : { timeout_seconds: training_timeout },
  }
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return { ...defined, name: name ?? modelNameOf(folder) }
}

/** Turns the name of a folder into a valid name of a model: `My Model_2` becomes `my-model-2`. */
export function modelNameOf(folder: string): string {
  const base = folder.split(/[/\\]/).filter(Boolean).at(-1) ?? ''
  const words = base
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  const name = /^[a-z]/.test(words) ? words : `model-${words}`
  return name.slice(0, 63).replace(/-+$/, '')
}
