import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { createNodeRunner, type NodeRunnerOptions } from '../../../libs/host/src/runners/node-runner.ts'
import type { RunnerProcess } from '../../../libs/host/src/runners/runner-process.ts'
import { translatedRunner } from '../../support/processes/translated-runner.ts'
import { until } from '../../support/until.ts'
import { isAlive, modelRunnerSuite, type SuiteModel } from './model-runner.suite.ts'
import { newRunFolder, removeRunFolders, startRun } from './run-in-folder.ts'

const root = new URL('../../../', import.meta.url)
/** A stack of the end-to-end tests loads all of test/models: what it does not need lies elsewhere. */
const OWN: readonly SuiteModel[] = ['batch', 'printer']
const homeOf = (model: SuiteModel): string =>
  model === 'echo' ? 'models' : OWN.includes(model) ? 'test/contract/runner/models' : 'test/models'
const modelPath = (model: SuiteModel): string => fileURLToPath(new URL(`${homeOf(model)}/${model}/model.ts`, root))
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

const program = await translatedRunner()
const make = (path: string, options: Partial<NodeRunnerOptions> = {}): RunnerProcess =>
  createNodeRunner({ modelPath: path, device: 'cpu', logger: silent, env: process.env, program, ...options })

modelRunnerSuite('node', (model, options) => make(modelPath(model), options))

describe('a node runner of its own', { timeout: 30_000 }, () => {
  const started: RunnerProcess[] = []
  const keep = (runner: RunnerProcess): RunnerProcess => {
    started.push(runner)
    return runner
  }
  afterEach(async () => {
    await Promise.all(started.splice(0).map((runner) => runner.stop(1000)))
    removeRunFolders()
  })
  /** A model file of its own; it finds the packages by their paths, for it lies in a temporary folder. */
  const write = (text: string): string => {
    const path = join(newRunFolder(), 'model.mjs')
    const url = (name: string) => pathToFileURL(createRequire(import.meta.url).resolve(name)).href
    const imports = `import { defineModel } from '${url('@millrace/model')}'\nimport { z } from '${url('zod')}'\n`
    writeFileSync(path, `${imports}${text}`)
    return path
  }
  const minimal = (body: string, input = 'z.object({})'): string =>
    write(`export default defineModel({ name: 'm', version: '1', input: ${input}, output: z.unknown(), ${body} })`)

  for (const mode of ['stray-rejection', 'stray-throw']) {
    it(`fails the run with model_error and is replaced when an error escapes the run (${mode})`, async () => {
      const runner = keep(make(modelPath('crash')))
      await runner.start()
      const pid = runner.pid ?? 0
      const outcome = await startRun(runner, { mode }).outcome
      expect(outcome).toMatchObject({ kind: 'failed', code: 'model_error', message: expect.stringContaining('nobody') })
      expect(await startRun(runner, { mode: 'ok' }).outcome).toMatchObject({ kind: 'done' })
      expect(runner.pid).not.toBe(pid)
      expect(isAlive(pid)).toBe(false)
    })
  }

  it('survives a model that takes all memory', async () => {
    const runner = keep(make(modelPath('crash'), { nodeArgs: ['--max-old-space-size=64'] }))
    await runner.start()
    expect(await startRun(runner, { mode: 'oom' }).outcome).toMatchObject({ kind: 'crashed', signal: 'SIGABRT' })
    expect(await startRun(runner, { mode: 'ok' }).outcome).toMatchObject({ kind: 'done' })
  })

  it('has only what the allow-list names in its environment', async () => {
    const path = minimal('predict: () => process.env')
    const env = {
      PATH: process.env.PATH,
      HOME: '/h',
      REDIS_URL: 'r',
      AWS_SECRET_ACCESS_KEY: 's',
      NODE_OPTIONS: '--no-warnings',
    }
    const extraEnv = { MY_WEIGHTS: 'w', S3_BUCKET: 'b', MILLRACE_API_KEY: 'k' }
    const runner = keep(make(path, { env, extraEnv, device: 'cuda:1' }))
    await runner.start()
    const outcome = await startRun(runner, {}).outcome
    expect(outcome).toMatchObject({
      output: { HOME: '/h', MY_WEIGHTS: 'w', MILLRACE_DEVICE: 'cuda:0', CUDA_VISIBLE_DEVICES: '1' },
    })
    expect(JSON.stringify(outcome)).not.toMatch(/REDIS_URL|AWS_|S3_|API_KEY|NODE_OPTIONS/)
  })

  it('gives the model its input files at their places', async () => {
    const path = minimal(
      'predict: async ({ list }) => [list[0].name, String(await list[0].bytes()), list[0].sha256]',
      'z.object({ list: z.array(z.any()) })',
    )
    const runner = keep(make(path))
    await runner.start()
    const workDir = newRunFolder()
    writeFileSync(join(workDir, 'in-0'), 'bytes')
    const files = [
      { pointer: '/list/0', path: 'in-0', name: 'a.txt', content_type: 'text/plain', size: 5, sha256: 'f'.repeat(64) },
    ]
    const outcome = await startRun(runner, { list: [null] }, { workDir, files }).outcome
    expect(outcome).toMatchObject({ kind: 'done', output: ['a.txt', 'bytes', 'f'.repeat(64)] })
  })

  it('tries again with growing delay when setup fails, and starts once it works', async () => {
    const marker = join(newRunFolder(), 'starts')
    const path = minimal(`
      setup: async () => {
        const fs = await import('node:fs')
        fs.appendFileSync(${JSON.stringify(marker)}, 'x')
        if (fs.readFileSync(${JSON.stringify(marker)}).length < 3) throw new Error('no weights yet')
      },
      predict: () => 1`)
    const delays: unknown[] = []
    const logger = { ...silent, warn: (fields: Record<string, unknown>) => void delays.push(fields.restartInMs) }
    const runner = keep(make(path, { logger, timings: { restartMinMs: 20 } }))
    expect(await runner.start()).toMatchObject({ name: 'm' })
    expect(delays).toEqual([20, 40])
  })

  it('says what is wrong with a file that is no model', async () => {
    const said: unknown[] = []
    const logger = { ...silent, error: (fields: Record<string, unknown>) => void said.push(fields.detail) }
    const runner = keep(make(write('export default 7'), { logger }))
    const start = runner.start()
    await until('it says why', () => said.length > 0)
    expect(said[0]).toMatch(/defineModel/)
    await Promise.all([runner.stop(1000), expect(start).rejects.toThrow('stopped')])
  })

  it.each(['block', 'never'])('dies within a second when its worker is killed (%s)', async (mode) => {
    const host = fileURLToPath(new URL('./runner-host-main.ts', import.meta.url))
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
    const worker = spawn(process.execPath, ['--import', tsx, host, modelPath('hang'), mode], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    worker.stdout.on('data', (chunk: Buffer) => {
      said += chunk
    })
    const pid = Number(await until('the run is under way', () => /pid (\d+)\n/.exec(said)?.[1], { timeoutMs: 20_000 }))
    worker.kill('SIGKILL')
    await until('the runner is gone', () => !isAlive(pid), { timeoutMs: 1000 })
  })
})
