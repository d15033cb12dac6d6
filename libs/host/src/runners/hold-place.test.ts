import { mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isAlive } from '../../../../test/support/processes/is-alive.ts'
import { until } from '../../../../test/support/until.ts'
import type { RunOutcome, RunRequest } from '../runner.ts'
import { HoldPlace } from './hold-place.ts'
import { RunnerProcess } from './runner-process.ts'

const TAKEN_BACK = { kind: 'displaced', runSeconds: 0 }
const done: RunOutcome = { kind: 'done', output: 1, files: [], runSeconds: 1 }

function aRequest(): RunRequest & { stop(): void } {
  const workDir = mkdtempSync(join(tmpdir(), 'millrace-hold-'))
  onTestFinished(() => rmSync(workDir, { recursive: true, force: true }))
  const stop = new AbortController()
  return {
    ...{ id: workDir, kind: 'prediction', input: {}, files: [], workDir, timeoutSeconds: 60, signal: stop.signal },
    ...{ onProgress: () => undefined, onLog: () => undefined, onOutput: () => undefined },
    stop: () => stop.abort(),
  }
}

function openPlace() {
  let freed = 0
  const place = new HoldPlace(() => freed++)
  const put = (request = aRequest()) => {
    let folder = ''
    const held = place.put(request, (name) => (folder = join(request.workDir, name)))
    return { request, ...held, takeAsRunner: () => rmdirSync(folder) }
  }
  return { place, put, freed: () => freed }
}

test('what was not taken comes back, by a recall, a stop, or the end of the process, and leaves nothing behind', async () => {
  const { place, put, freed } = openPlace()
  const [recalled] = [put()]
  expect([place.isFree, recalled.recall(), await recalled.outcome]).toEqual([false, true, TAKEN_BACK])
  const stopped = put()
  stopped.request.stop()
  expect(await stopped.outcome).toEqual({ kind: 'canceled', killed: false, runSeconds: 0 })
  const left = put()
  place.giveUp()
  expect([await left.outcome, place.isFree, freed()]).toEqual([TAKEN_BACK, true, 3])
  expect([recalled, stopped, left].flatMap(({ request }) => readdirSync(request.workDir))).toEqual([])
  expect([recalled.recall(), place.recall()]).toEqual([false, true])
})

test('what the runner has taken does not come back, until it begins or the process is gone', async () => {
  const { place, put, freed } = openPlace()
  const begun = put()
  begun.takeAsRunner()
  begun.request.stop()
  expect([begun.recall(), place.isFree, place.begin('another', async () => done)]).toEqual([false, false, false])
  expect(place.begin(begun.request.id, async () => done)).toBe(true)
  expect([await begun.outcome, place.isFree, freed()]).toEqual([done, true, 0])
  const lost = put()
  lost.takeAsRunner()
  place.giveUp()
  expect([await lost.outcome, place.isFree]).toEqual([TAKEN_BACK, true])
})

test('a runner that does not begin what it took is late, and one that does is not', async () => {
  const { place, put } = openPlace()
  let late = 0
  const waiting = put()
  place.expect(0, () => late++)
  expect(await waiting.outcome).toEqual(TAKEN_BACK)
  const begun = put()
  begun.takeAsRunner()
  place.expect(0, () => late++)
  place.begin(begun.request.id, async () => done)
  const slow = put()
  slow.takeAsRunner()
  place.expect(0, () => late++)
  await until('it is late', () => late > 0)
  place.giveUp()
  expect([late, await slow.outcome]).toEqual([1, TAKEN_BACK])
})

test('a run whose folder is gone is not held', async () => {
  const { place, put } = openPlace()
  const request = aRequest()
  rmdirSync(request.workDir)
  expect([await put(request).outcome, place.isFree]).toEqual([TAKEN_BACK, true])
})

/** A runner without a model. It answers a run at once if the input says so, else on SIGHUP; then it takes what is held, and is silent. */
const SCRIPT = `
  const { writeSync, createReadStream, rmdirSync } = require('node:fs')
  const say = (message) => writeSync(4, JSON.stringify(message) + '\\n')
  const [protocol] = process.argv.slice(-1)
  const manifest = { name: 'm', version: '1', input_schema: {}, output_schema: {} }
  const done = (id) => say({ type: 'done', id, output: 1, files: [] })
  let front, held
  const hear = (message) => {
    if (message.held) held = message
    else if (message.type === 'run' && message.input.quick) done(message.id)
    else if (message.type === 'run') front = message
  }
  createReadStream(null, { fd: 3 }).on('data', (chunk) => {
    for (const line of String(chunk).split('\\n').filter(Boolean)) hear(JSON.parse(line))
    if (held) say({ type: 'progress', id: front.id, fraction: 1 })
  })
  process.on('SIGHUP', () => {
    if (held) rmdirSync(held.work_dir + '/' + held.held)
    done(front.id)
  })
  process.on('SIGUSR1', () => say({ type: 'began', id: 'nothing' }))
  say({ type: 'ready', protocol: 1, manifest, ...(protocol === 'holds' && { holds: true }) })
`

async function startRunner(protocol: 'holds' | 'former') {
  const logger = { debug: () => {}, info: () => {}, warn: () => undefined, error: () => undefined }
  const runner = new RunnerProcess({
    ...{ label: 'm@cpu', logger, command: { command: process.execPath, args: ['-e', SCRIPT, protocol], env: {} } },
    timings: { termMs: 50, restartMinMs: 1, restartMaxMs: 1, beginMs: 20 },
  })
  onTestFinished(() => runner.stop(200))
  await runner.start()
  for (let run = 0; run < 3; run++) await runner.run({ ...aRequest(), input: { quick: true } })
  return { runner, pid: runner.pid as number }
}

test('a runner of the former protocol is given none ahead', async () => {
  const { runner, pid } = await startRunner('former')
  let canHold: boolean | undefined
  const outcome = runner.run({ ...aRequest(), onBegin: () => (canHold = runner.canHold) })
  await until('it runs', () => canHold !== undefined)
  expect([canHold, await runner.hold(aRequest()).outcome]).toEqual([false, TAKEN_BACK])
  process.kill(pid, 'SIGHUP')
  expect(await outcome).toMatchObject({ kind: 'done' })
})

test('a runner that takes a held run and does not begin it is replaced, and nobody is blamed', async () => {
  const { runner, pid } = await startRunner('holds')
  let isHeard = false
  const front = runner.run({ ...aRequest(), onBegin: () => undefined, onProgress: () => (isHeard = true) })
  await until('it can hold one', () => runner.canHold)
  const held = runner.hold(aRequest())
  await until('the runner has heard of it', () => isHeard)
  process.kill(pid, 'SIGHUP')
  expect(await front).toMatchObject({ kind: 'done' })
  expect(await held.outcome).toEqual(TAKEN_BACK)
  await until('its process is gone', () => !isAlive(pid))
})

test('a runner that begins what it does not hold breaks the protocol', async () => {
  const { runner, pid } = await startRunner('holds')
  process.kill(pid, 'SIGUSR1')
  await until('its process is gone', () => !isAlive(pid))
  await runner.whenReady()
})
