/** The other half of the golden messages: Python reads those of the host, and says those of the runner. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { runnerMessageSchema } from '@millrace/contracts'
import { afterEach, describe, expect, it } from 'vitest'
import { runnerEnvironment } from '@millrace/host'
import { until } from '../../support/until.ts'

type Message = Record<string, unknown> & { type: string }

const main = fileURLToPath(new URL('../../../apps/runner/python/run_model.py', import.meta.url))
const model = fileURLToPath(new URL('../../python/models/golden', import.meta.url))
const goldenFolder = new URL('./golden/', import.meta.url)
const golden = (name: string): Message => JSON.parse(readFileSync(new URL(`${name}.json`, goldenFolder), 'utf8'))
const id = 'job_1-1'

const children: ChildProcess[] = []
const folders: string[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** The real process, with nothing between the test and its pipes. */
function converse(env: Record<string, string> = {}, manifest: object = { name: 'golden' }) {
  const settings = {
    folder: model,
    convention: 'cog',
    ref: null,
    train_ref: null,
    host_pid: process.pid,
    device: 'cpu',
    config: {},
    manifest,
    // Most conversations are over before one comes.
    heartbeat_seconds: 0.5,
  }
  const child = spawn('python3', ['-u', main, JSON.stringify(settings)], {
    env: { ...runnerEnvironment({ env: process.env, device: 'cpu' }), ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'],
  })
  children.push(child)
  const heard: Message[] = []
  let rest = ''
  ;(child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) heard.push(JSON.parse(line))
  })
  const say = (...messages: object[]) =>
    void (child.stdio[3] as Writable).write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''))
  const hear = (...types: string[]) =>
    until(`it says ${types.join()}`, () => heard.find((message) => types.includes(message.type)), { timeoutMs: 20_000 })
  const answered = () => heard.filter(({ type }) => type === 'done' || type === 'failed')
  return { child, say, hear, answered }
}

function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-golden-'))
  folders.push(folder)
  return folder
}

describe('the golden messages of the host', { timeout: 30_000 }, () => {
  const seenOf = async (message: Message) => {
    const { say, hear } = converse()
    const folder = workFolder()
    writeFileSync(join(folder, 'in-0'), 'hello')
    writeFileSync(join(folder, '.input.json'), JSON.stringify({ text: 'ü'.repeat(1024 * 1024) }))
    const path = message.input_path === undefined ? {} : { input_path: join(folder, '.input.json') }
    say({ ...message, ...path, work_dir: folder })
    const { output } = await hear('done', 'failed')
    return output as { kind: string; inputs: Record<string, unknown> }
  }

  it('are all known here', () => {
    const names = readdirSync(goldenFolder).filter((name) => name.startsWith('host.'))
    // What they do with a checkpoint is proved by model-runner-checkpoints.suite.ts, also for Python.
    const ofCheckpoints = ['checkpointed-refused', 'checkpointed', 'draining', 'run-resumed']
    const others = ['cancel', 'run-held', 'run-large', 'run-training', 'run', 'shutdown']
    expect(names.toSorted()).toEqual([...ofCheckpoints, ...others].map((name) => `host.${name}.json`).toSorted())
  })

  it('give the model its input and its files', async () => {
    expect(await seenOf(golden('host.run'))).toEqual({
      kind: 'prediction',
      inputs: { image: ['.png', 'hello'], lang: 'eng' },
    })
  })

  it('train the model', async () => {
    expect(await seenOf(golden('host.run-training'))).toEqual({
      kind: 'training',
      inputs: { pages: ['.zip', 'hello'] },
    })
  })

  it('bring a large input by its path', async () => {
    const { say, hear } = converse()
    const folder = workFolder()
    writeFileSync(join(folder, '.input.json'), JSON.stringify({ say: 'log', text: 'ü'.repeat(1024 * 1024) }))
    say({ ...golden('host.run-large'), input_path: join(folder, '.input.json'), work_dir: folder })
    expect(await hear('done', 'failed')).toMatchObject({ type: 'done', id })
  })

  it('hold a run behind the one that goes on, until that is done', async () => {
    const { say, hear, answered } = converse()
    await hear('ready')
    const [front, folder] = [workFolder(), workFolder()]
    const held: Message = { ...golden('host.run-held'), work_dir: folder }
    writeFileSync(join(folder, 'in-0'), 'hello')
    mkdirSync(join(folder, String(held.held)))
    say({ ...golden('host.run'), id: 'front', input: { say: 'log' }, files: [], work_dir: front }, held)
    expect([await hear('began'), existsSync(join(folder, String(held.held)))]).toEqual([golden('runner.began'), false])
    await until('it answers for both', () => answered().length === 2)
    expect(answered()).toMatchObject([
      { type: 'done', id: 'front' },
      { type: 'done', id },
    ])
  })

  it('end the process', async () => {
    const { child, say, hear } = converse()
    await hear('ready')
    say(golden('host.shutdown'))
    await until('it ends', () => child.exitCode !== null)
    expect(child.exitCode).toBe(0)
  })
})

describe('the golden messages of the runner', { timeout: 30_000 }, () => {
  const run = { type: 'run', id, kind: 'prediction', files: [] }

  it.each([
    'done',
    'done-large',
    'done-metrics',
    'failed',
    'failed-details',
    'failed-partial',
    'log',
    'output',
    'progress',
  ])('are what Python says (%s)', async (name) => {
    const { say, hear } = converse()
    say({ ...run, input: { say: name }, work_dir: workFolder() })
    const wanted = golden(`runner.${name}`)
    expect(await hear(wanted.type)).toEqual(wanted)
  })

  it.each(['canceled', 'canceled-partial', 'canceled-partial-large'])('are what Python says (%s)', async (name) => {
    const { say, hear } = converse()
    say({ ...run, input: { say: name }, work_dir: workFolder() })
    await hear('progress')
    say(golden('host.cancel'))
    const said = await hear('canceled', 'failed', 'done')
    // Without files the list of them may be left out.
    expect({ files: [], ...said }).toEqual({ files: [], ...golden(`runner.${name}`) })
  })

  it('are what Python says of the model', async () => {
    const { manifest, ...rest } = golden('runner.ready')
    // A plain function takes no more than one.
    const wanted = { ...(manifest as object), concurrency: 1 }
    const said = await converse({}, wanted).hear('ready', 'setup_failed')
    expect(runnerMessageSchema.parse(said)).toEqual({ ...rest, manifest: wanted })
  })

  it('are what Python says when it cannot load it, in its own words', async () => {
    const said = await converse({ NO_WEIGHTS: '1' }).hear('ready', 'setup_failed')
    const wanted = golden('runner.setup_failed')
    expect(Object.keys(said)).toEqual(Object.keys(wanted))
    expect(said).toMatchObject({ type: 'setup_failed', message: expect.stringContaining(wanted.message as string) })
    expect(runnerMessageSchema.parse(said)).toEqual(said)
  })

  it('are what Python says of its health, in its own words', async () => {
    const well = converse()
    const unwell = converse({ NO_DEVICE: '1' })
    const wanted = golden('runner.heartbeat-unhealthy')
    expect(await unwell.hear('heartbeat')).toEqual({
      ...wanted,
      message: expect.stringContaining(wanted.message as string),
    })
    expect(await well.hear('heartbeat')).toEqual({ ...golden('runner.heartbeat'), healthy: true })
  })
})
