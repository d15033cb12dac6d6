/** Asks a Python model for the document that describes it to the AIGES platform. Called by `millrace schema --aiges`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import type { RunnerContext } from '../models/configure-model.ts'
import type { ModelSource } from '../models/discover-models.ts'
import { ModelLoadError } from './open-local-model.ts'
import { findPython } from '../python/find-python.ts'
import { pythonCommand } from '../runners/python-runner.ts'

const answerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('aiges_schema'), document: z.record(z.string(), z.unknown()) }),
  z.object({ type: z.literal('setup_failed'), message: z.string(), traceback: z.string().optional() }),
])

export interface ReadAigesSchemaOptions extends Pick<RunnerContext, 'env' | 'python'> {
  timeoutMs: number
  /** Called with what the model prints meanwhile. */
  onPrinted?: (text: string) => void
}

const LARGEST = 4 * 1024 * 1024

/** Rejects with ModelLoadError, or with PythonError when there is no Python to ask. */
export async function readAigesSchema(source: ModelSource, options: ReadAigesSchemaOptions) {
  if (source.fault) throw new ModelLoadError({ message: source.fault.message })
  if (source.language !== 'python') throw new ModelLoadError({ message: 'only a Python model can have that document' })
  const folder = dirname(source.path)
  const { settings } = source
  const { env, python: configured, timeoutMs, onPrinted } = options
  const { path: interpreter } = await findPython({ folder, named: settings.python, configured, env })
  const { command, args, ...rest } = pythonCommand(
    { folder, settings, interpreter, device: 'cpu', env },
    'aiges_schema',
  )
  const child = spawn(command, args, {
    cwd: rest.cwd,
    env: rest.env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  for (const stream of child.stdio) stream?.on('error', () => {})
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => onPrinted?.(String(chunk)))
  let text = ''
  ;(child.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
    if (text.length < LARGEST) text += chunk
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  clearTimeout(timer)
  const answer = text
    .split('\n')
    .map((line) => answerSchema.safeParse(parse(line)).data)
    .find((found) => found !== undefined)
  if (answer?.type === 'aiges_schema') return answer.document
  throw new ModelLoadError(answer ?? { message: `its process ended (${signal ?? code}) and said nothing` })
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
