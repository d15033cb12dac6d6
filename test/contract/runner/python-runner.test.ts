import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findPython, type LoadFailure } from '@millrace/host'
import { afterEach, describe, expect, it } from 'vitest'
import { createPythonRunner } from '../../../libs/host/src/runners/python-runner.ts'
import type { RunnerProcess } from '../../../libs/host/src/runners/runner-process.ts'
import { until } from '../../support/until.ts'
import { removeRunFolders, startRun } from './run-in-folder.ts'

/** The runner of a Python model as the worker makes it: settings, environment, device, time-out of the set-up. */

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const folders: string[] = []
const runners: RunnerProcess[] = []

afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.stop(500)))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  removeRunFolders()
})

type ModelSettings = Parameters<typeof createPythonRunner>[0]['settings']

interface Made {
  runner: RunnerProcess
  folder: string
  failures: LoadFailure[]
}

async function make(source: string, settings: ModelSettings = {}, device = 'cpu'): Promise<Made> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-python-')))
  folders.push(folder)
  writeFileSync(join(folder, 'model.py'), source)
  const { path: interpreter } = await findPython({ folder, env: process.env })
  const failures: LoadFailure[] = []
  const runner = createPythonRunner({
    folder,
    settings,
    interpreter,
    device,
    env: { ...process.env, CUDA_VISIBLE_DEVICES: '4,6', REDIS_URL: 'redis://secret' },
    logger: silent,
    onLoadFailed: (failure) => failures.push(failure),
  })
  runners.push(runner)
  return { runner, folder, failures }
}

const TELLS = `
import os
at_import = {key: os.environ.get(key) for key in ("CUDA_VISIBLE_DEVICES", "REDIS_URL", "WEIGHTS", "PYTHONUNBUFFERED")}
def predict(data):
    return {"env": at_import, "cwd": os.getcwd()}
`

describe('the runner of a Python model', { timeout: 30_000 }, () => {
  it('publishes what millrace.yaml says over what was found out', async () => {
    const { runner } = await make('def predict(data): return data', {
      name: 'named',
      version: '3',
      timeout: 7,
      max_attempts: 2,
      cancel_grace: 1,
    })
    expect(await runner.start()).toMatchObject({
      name: 'named',
      version: '3',
      timeout_seconds: 7,
      max_attempts: 2,
      cancel_grace_seconds: 1,
    })
  })

  it('sees its device before its first import, its own variables, and no secret of ours', async () => {
    const { runner, folder } = await make(TELLS, { env: { WEIGHTS: '/w' } }, 'cuda:1')
    await runner.start()
    expect(await startRun(runner, { data: 1 }).outcome).toMatchObject({
      output: {
        prediction: {
          env: { CUDA_VISIBLE_DEVICES: '6', REDIS_URL: null, WEIGHTS: '/w', PYTHONUNBUFFERED: '1' },
          cwd: folder,
        },
      },
    })
  })

  it('is ended when its set-up takes longer than it may, and tried again', async () => {
    const { runner, failures } = await make('import time\ntime.sleep(3600)\ndef predict(data): return data', {
      setup_timeout: 0.5,
    })
    const start = runner.start()
    const stopped = expect(start).rejects.toThrow('stopped')
    await until('it is told', () => failures[0])
    expect(failures[0]?.message).toContain('not loaded after 0.5 s')
    await until('the process is gone', () => runner.pid === undefined)
    await until('another is tried', () => runner.pid)
    await runner.stop(0)
    await stopped
  })

  it('tells why it cannot be loaded, with the trace', async () => {
    const { runner, failures } = await make('def predict(data): return data\nraise RuntimeError("no weights at all")')
    const start = runner.start()
    const stopped = expect(start).rejects.toThrow('stopped')
    await until('it is told', () => failures[0])
    expect(failures[0]?.message).toContain('no weights at all')
    expect(failures[0]?.traceback).toContain('model.py", line 2')
    await runner.stop(0)
    await stopped
  })
})
