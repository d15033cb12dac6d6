/**
 * Reads from a `cog.yaml` how its model runs, and ignores how an image is built. Called where a Python process is started,
 * because the runner has no YAML reader of its own.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { isOwnSecret } from '../settings/runner-environment.ts'

export const COG_FILE = 'cog.yaml'

/** The settings that are passed to the runner. */
export const cogSettingsSchema = z.strictObject({
  predict: z.string().nullable().describe('`run` or `predict`, such as `predict.py:Predictor`.'),
  train: z.string().nullable().describe('The same of its training.'),
  concurrency: z.number().int().min(1).nullable().describe('`concurrency.max`; wins over what the code says.'),
  sdk: z.string().nullable().describe("Version of Cog's package that the file pins."),
  warnings: z.array(z.string()).describe('What it says that has no effect here, for the log.'),
  fault: z.string().nullable().describe('Why the file cannot be used.'),
})
type CogSettings = z.infer<typeof cogSettingsSchema>

export interface CogYaml {
  settings: CogSettings
  /** Variables in `environment`, for the process. */
  environment: Record<string, string>
}

/** Variables that Cog itself refuses, because they belong to the program that runs the model. */
const RESERVED =
  /^(PATH|LD_LIBRARY_PATH|LIBRARY_PATH|PYTHONPATH|VIRTUAL_ENV|PYTHONUNBUFFERED|HF_ENDPOINT|HF_HUB_ENABLE_HF_TRANSFER|(R8|REPLICATE|CUDA|NVIDIA|NV|PGET|KUBERNETES)_.*)$/
/** Keys that only Cog's own tools use. */
const FOR_TOOLS = new Set(['image', 'model'])

const text = z.string('expected text').trim().min(1)
const fileSchema = z
  .looseObject({
    run: text.nullish(),
    predict: text.nullish(),
    train: text.nullish(),
    build: z
      .looseObject({
        sdk_version: z.coerce.string().nullish(),
        python_packages: z.array(z.string()).nullish(),
        python_requirements: z.string().nullish(),
      })
      .nullish(),
    concurrency: z.looseObject({ max: z.number().int().min(1).nullish() }).nullish(),
    environment: z.array(z.string()).nullish(),
    weights: z.unknown().optional(),
  })
  .refine((file) => !(file.run && file.predict), 'it names both run and predict; keep one of them')
type CogFile = z.infer<typeof fileSchema>

const KNOWN = new Set(['run', 'predict', 'train', 'build', 'concurrency', 'environment', 'weights'])

/** Undefined when there is no such file. Never throws: `fault` says why a file cannot be used. */
export function readCogYaml(folder: string): CogYaml | undefined {
  const source = textOf(join(folder, COG_FILE))
  if (source === undefined) return undefined
  const document = parseDocument(source, { prettyErrors: false })
  if (document.errors[0]) return broken(`no YAML: ${document.errors[0].message}`)
  let value: unknown
  try {
    value = document.toJS()
  } catch (error) {
    return broken(error instanceof Error ? error.message : 'no YAML')
  }
  const parsed = fileSchema.safeParse(value ?? {})
  if (!parsed.success) {
    return broken(parsed.error.issues.map(({ path, message }) => [...path, message].join(': ')).join('; '))
  }
  return told(folder, parsed.data)
}

function told(folder: string, file: CogFile): CogYaml {
  const warnings: string[] = []
  const environment = environmentOf(file.environment ?? [], warnings)
  if (file.weights) warnings.push('weights are not fetched; put them where the model looks for them')
  const forTools = Object.keys(file).filter((key) => FOR_TOOLS.has(key))
  if (forTools.length > 0) warnings.push(`${forTools.join(' and ')} changes nothing here`)
  const strangers = Object.keys(file).filter((key) => !KNOWN.has(key) && !FOR_TOOLS.has(key))
  if (strangers.length > 0) warnings.push(`${strangers.join(', ')} is not known`)
  const settings = {
    predict: file.run ?? file.predict ?? null,
    train: file.train ?? null,
    concurrency: file.concurrency?.max ?? null,
    sdk: sdkOf(folder, file.build),
    warnings: warnings.map((warning) => `${COG_FILE}: ${warning}`),
    fault: null,
  }
  return { settings, environment }
}

const broken = (why: string): CogYaml => ({
  settings: { predict: null, train: null, concurrency: null, sdk: null, warnings: [], fault: `${COG_FILE}: ${why}` },
  environment: {},
})

function environmentOf(lines: string[], warnings: string[]): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const line of lines) {
    const [, name, value = ''] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(line) ?? []
    if (name === undefined) warnings.push('environment: expected NAME=value')
    else if (RESERVED.test(name) || isOwnSecret(name)) warnings.push(`environment: ${name} is not the model's to set`)
    else environment[name] = value
  }
  return environment
}

/** The version of the SDK, from `sdk_version`, or from the packages and the requirements file that it names. */
function sdkOf(folder: string, build: CogFile['build']): string | null {
  if (build?.sdk_version) return build.sdk_version
  const requirements = build?.python_requirements ? textOf(join(folder, build.python_requirements)) : undefined
  const lines = [...(build?.python_packages ?? []), ...(requirements?.split('\n') ?? [])]
  const pins = lines.map((line) => /^\s*cog\s*={2,3}\s*([\w.]+)/.exec(line)?.[1])
  return pins.find((pin) => pin !== undefined) ?? null
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
