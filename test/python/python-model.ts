/** Starts a Python model as a worker would, from a copy of a folder or from files written on the spot. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLogger } from '@millrace/process'
import { readCogYaml, runnerEnvironment } from '@millrace/host'
import { RunnerProcess } from '../../libs/host/src/runners/runner-process.ts'
import type { RunnerTimings } from '../../libs/host/src/runners/runner-process-options.ts'

const main = fileURLToPath(new URL('../../apps/runner/python/run_model.py', import.meta.url))

export interface PythonModel {
  /** A folder to copy, or the model's files by name. */
  source: string | Record<string, string>
  convention?: string
  ref?: string
  trainRef?: string
  config?: Record<string, unknown>
  /** Fields that win over what the convention finds. `name` defaults to "model". */
  manifest?: Record<string, unknown>
  python?: string
  env?: Record<string, string>
  timings?: Partial<RunnerTimings>
  memoryErrors?: number
  /** Between two signs of life, with which the model says how it is; absent: 5. */
  heartbeatSeconds?: number
  onLoadFailed?: (failure: { message: string; traceback?: string }) => void
}

const folders: string[] = []
const runners: RunnerProcess[] = []

/** A runner that is not started yet. `removePythonModels` ends it and deletes its folder. */
export function createPythonModel(model: PythonModel): RunnerProcess & { folder?: string } {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-python-'))
  folders.push(folder)
  if (typeof model.source === 'string') cpSync(model.source, folder, { recursive: true })
  else {
    for (const [name, text] of Object.entries(model.source)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
  }
  const cog = readCogYaml(folder)
  const settings = {
    folder,
    convention: model.convention ?? null,
    ref: model.ref ?? null,
    train_ref: model.trainRef ?? null,
    host_pid: process.pid,
    device: 'cpu',
    ...(cog && { cog: cog.settings }),
    config: model.config ?? {},
    manifest: { name: 'model', ...model.manifest },
    heartbeat_seconds: model.heartbeatSeconds,
  }
  const runner = new RunnerProcess({
    label: 'python',
    logger: createLogger({ level: 'silent' }),
    timings: model.timings,
    memoryErrors: model.memoryErrors,
    onLoadFailed: model.onLoadFailed,
    command: {
      command: model.python ?? 'python3',
      args: ['-u', main, JSON.stringify(settings)],
      env: { ...runnerEnvironment({ env: process.env, device: 'cpu', extraEnv: cog?.environment }), ...model.env },
      cwd: folder,
    },
  })
  runners.push(runner)
  return runner
}

/** Started and ready. Rejects with what the model said when it cannot be loaded. */
export async function startPythonModel(model: PythonModel): Promise<RunnerProcess> {
  let fail: (error: Error) => void = () => undefined
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject
  })
  const runner = createPythonModel({
    ...model,
    onLoadFailed: (failure) => {
      fail(new Error(`${failure.message}\n${failure.traceback ?? ''}`))
      model.onLoadFailed?.(failure)
    },
  })
  await Promise.race([runner.start(), failed])
  return runner
}

export async function removePythonModels(): Promise<void> {
  await Promise.all(runners.splice(0).map((runner) => runner.stop(1000)))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}
