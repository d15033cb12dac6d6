import { readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { inputPrefix, jobPrefix, LIMITS } from '@millrace/contracts'
import { QueueUnavailableError } from '@millrace/queue'
import { type ObjectStore, StorageError } from '@millrace/storage'
import { expect, test } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import {
  aDelivery,
  aRecord,
  done,
  JOB_ID,
  keysBelow,
  openBench,
  sha256,
  type Told,
  untilAborted,
} from './attempt.fixture.ts'
import { runAttempt } from './run-attempt.ts'
import type { RunOutcome, RunRequest } from '@millrace/host'

const away = () => new QueueUnavailableError('away')
const prefix = jobPrefix('acme', JOB_ID)
const textFile = (path: string, pointer = '/copy') => ({ pointer, path, name: 'copy.txt', content_type: 'text/plain' })

test('a job runs on its input and succeeds with a small output inline', async () => {
  const bench = await openBench()
  expect(await runAttempt(bench.deps, aDelivery())).toEqual({ outcome: 'done' })
  expect(bench.store.told).toEqual([
    { as: 'succeed', success: { output: { value: { inline: '{"word":"hello"}' }, files: [] }, runSeconds: 0.1 } },
  ])
})

test('the work folder of an attempt is gone afterwards', async () => {
  let seen = ''
  const bench = await openBench({ script: async ({ workDir }) => ((seen = workDir), done({})) })
  await runAttempt(bench.deps, aDelivery())
  expect(seen).toMatch(new RegExp(`${JOB_ID}-1$`))
  const [own] = await readdir(bench.workDir)
  await until('the folder is deleted', async () => (await readdir(join(bench.workDir, own as string))).length === 0)
})

test('files of the input are there before the run, and large outputs and files go to the object store', async () => {
  const bytes = Buffer.from('the bytes of a page')
  const large = Buffer.from(JSON.stringify({ word: 'w'.repeat(LIMITS.inlineBytes) }))
  const bench = await openBench({
    script: async ({ input, files, workDir }) => {
      const copied = await readFile(join(workDir, files[0]?.path ?? ''))
      await writeFile(join(workDir, 'copy.txt'), copied)
      return done({ ...(input as object), copy: null }, [textFile('copy.txt')])
    },
  })
  const at = inputPrefix('acme', JOB_ID)
  await bench.objects.put(`${at}page`, bytes, { contentType: 'text/plain' })
  await bench.objects.put(`${at}input.json`, large, { contentType: 'application/json' })
  const stored = { key: `${at}page`, size: bytes.length, sha256: sha256(bytes) }
  const record = aRecord({
    input: { stored: { key: `${at}input.json`, size: large.length, sha256: sha256(large) } },
    input_files: [{ ...stored, id: 'x', pointer: '/page', content_type: 'text/plain', name: '../pa ge.txt' }],
  })
  bench.store.claims.push({ outcome: 'claimed', record })
  await runAttempt(bench.deps, aDelivery())

  const [told] = bench.store.told
  if (told?.as !== 'succeed') throw new Error(`it ended as ${JSON.stringify(told)}`)
  const [file] = told.success.output.files
  expect(file).toMatchObject({ pointer: '/copy', name: 'copy.txt', size: bytes.length, sha256: sha256(bytes) })
  expect(file?.key).toMatch(new RegExp(`^${prefix}out/1-[0-9a-f]{8}/0-copy\\.txt$`))
  expect(await text(await bench.objects.get(file?.key ?? ''))).toBe(bytes.toString())
  if (!('stored' in told.success.output.value)) throw new Error('the output was kept inline')
  expect(told.success.output.value.stored.key).toMatch(/output\.json$/)
})

test('an input whose bytes are not those of the record is never run', async () => {
  const bench = await openBench()
  const key = `${inputPrefix('acme', JOB_ID)}input.json`
  await bench.objects.put(key, Buffer.from('{"a":1}'), { contentType: 'application/json' })
  const input = { stored: { key, size: 7, sha256: sha256(Buffer.from('{"a":2}')) } }
  bench.store.claims.push({ outcome: 'claimed', record: aRecord({ input }) })
  await runAttempt(bench.deps, aDelivery())
  expect(bench.runner.mostRunning).toBe(0)
  expect(bench.store.told).toMatchObject([{ as: 'fail', blame: 'platform', error: { code: 'input_unavailable' } }])
})

test('an input that is gone fails for good, a store that is away blames the platform', async () => {
  const input = { stored: { key: `${inputPrefix('acme', JOB_ID)}gone`, size: 1, sha256: sha256(Buffer.from('')) } }
  const gone = await openBench()
  gone.store.claims.push({ outcome: 'claimed', record: aRecord({ input }) })
  await runAttempt(gone.deps, aDelivery())
  expect(gone.store.told).toMatchObject([{ as: 'fail', blame: 'final', error: { code: 'input_unavailable' } }])

  const refuse = async () => Promise.reject(new StorageError('unavailable', 'away'))
  const down = await openBench({ wrapObjects: (objects) => Object.assign(objects, { get: refuse }) })
  down.store.claims.push({ outcome: 'claimed', record: aRecord({ input }) })
  down.store.settleAnswer = { outcome: 'queued', delayMs: 4000 }
  expect(await runAttempt(down.deps, aDelivery())).toEqual({ outcome: 'again', afterMs: 4000 })
  expect(down.store.told).toMatchObject([{ as: 'fail', blame: 'platform', error: { code: 'input_unavailable' } }])
})

test('a finished result outlives an outage of Redis', async () => {
  const bench = await openBench()
  let refused = 0
  bench.store.fault = (method) => {
    if (method === 'succeed' && ++refused <= 6) throw away()
  }
  expect(await runAttempt(bench.deps, aDelivery())).toEqual({ outcome: 'done' })
  expect(refused).toBe(7)
  expect(bench.store.told).toMatchObject([{ as: 'succeed' }])
})

test('a claim whose answer was lost is asked for again under the same delivery', async () => {
  const bench = await openBench()
  let faults = 2
  bench.store.fault = (method) => {
    if (method === 'claim' && faults-- > 0) throw away()
  }
  const delivery = aDelivery()
  expect(await runAttempt(bench.deps, delivery)).toEqual({ outcome: 'done' })
  expect(bench.store.claimed).toMatchObject([{ delivery: delivery.delivery }])
})

test('an attempt that was fenced out takes its objects away and says nothing', async () => {
  const bench = await openBench({
    script: async ({ workDir }) => (await writeFile(join(workDir, 'f'), 'x'), done({ copy: null }, [textFile('f')])),
  })
  bench.store.settleAnswer = { outcome: 'fenced' }
  expect(await runAttempt(bench.deps, aDelivery())).toEqual({ outcome: 'done' })
  expect(bench.store.told).toHaveLength(1)
  expect(await keysBelow(bench.objects, prefix)).toEqual([])
})

test('objects that the record names stay, although the answer says fenced', async () => {
  const bench = await openBench({
    script: async ({ workDir }) => (await writeFile(join(workDir, 'f'), 'x'), done({ copy: null }, [textFile('f')])),
  })
  bench.store.settleAnswer = { outcome: 'fenced' }
  bench.store.fault = (method) => {
    const [told] = bench.store.told
    if (method === 'get' && told?.as === 'succeed') {
      bench.store.record = aRecord({ status: 'succeeded', output_files: told.success.output.files })
    }
  }
  await runAttempt(bench.deps, aDelivery())
  expect(await keysBelow(bench.objects, prefix)).toHaveLength(1)
})

test('an attempt that a beat calls lost stops its run and settles nothing', async () => {
  const bench = await openBench({ script: untilAborted, pace: { beatMs: 5 } })
  bench.store.beatAnswer = 'lost'
  expect(await runAttempt(bench.deps, aDelivery())).toEqual({ outcome: 'done' })
  expect(bench.store.told).toEqual([])
})

test('beats that are refused do not disturb the run', async () => {
  let finish: () => void = () => undefined
  const bench = await openBench({
    script: () => new Promise((resolve) => (finish = () => resolve(done({ word: 'kept' })))),
    pace: { beatMs: 5 },
  })
  let refused = 0
  bench.store.fault = (method) => {
    if (method === 'beat' && ++refused) throw away()
  }
  const handled = runAttempt(bench.deps, aDelivery())
  await until('it runs, and three beats were refused', () => bench.runner.running === 1 && refused >= 3)
  finish()
  expect(await handled).toEqual({ outcome: 'done' })
  expect(bench.store.told).toMatchObject([{ as: 'succeed' }])
})

test('a cancel stops the run, whether a hint or a beat tells of it', async () => {
  const hinted = await openBench({ script: untilAborted })
  const handled = runAttempt(hinted.deps, aDelivery())
  await until('it runs', () => hinted.runner.running === 1)
  hinted.cancels.get(JOB_ID)?.()
  expect(await handled).toEqual({ outcome: 'done' })
  expect(hinted.store.told).toEqual([{ as: 'stop' }])

  const beaten = await openBench({ script: untilAborted, pace: { beatMs: 5 } })
  beaten.store.beatAnswer = 'cancel'
  await runAttempt(beaten.deps, aDelivery())
  expect(beaten.store.told).toEqual([{ as: 'stop' }])
})

test('a drain gives a run back, also one that does not stop when asked', async () => {
  const bench = await openBench({ script: () => new Promise(() => undefined) })
  bench.store.settleAnswer = { outcome: 'queued', delayMs: 0 }
  const handled = runAttempt(bench.deps, aDelivery())
  await until('it runs', () => bench.runner.running === 1)
  bench.drain.abort()
  expect(await handled).toEqual({ outcome: 'again', afterMs: 0 })
  expect(bench.store.told).toEqual([{ as: 'release' }])
})

test('a run that finishes while the worker drains is kept', async () => {
  const bench = await openBench({
    script: (request) => untilAborted(request).then(() => done({ word: 'just in time' })),
  })
  const handled = runAttempt(bench.deps, aDelivery())
  await until('it runs', () => bench.runner.running === 1)
  bench.drain.abort()
  await handled
  expect(bench.store.told).toMatchObject([{ as: 'succeed' }])
})

test('a suspect runs while nothing else does', async () => {
  let finish: () => void = () => undefined
  const bench = await openBench({
    script: () => new Promise((resolve) => (finish = () => resolve(done({})))),
  })
  const first = runAttempt(bench.deps, aDelivery())
  await until('the first runs', () => bench.runner.running === 1)
  bench.store.claims.push({ outcome: 'suspect' }, { outcome: 'claimed', record: aRecord({ fence: 2 }) })
  const second = runAttempt(bench.deps, aDelivery())
  await until('the suspect was refused', () => bench.store.claimed.length === 2)
  finish()
  await first
  await until('the suspect runs', () => bench.runner.running === 1)
  expect(bench.store.claimed[2]).toMatchObject({ alone: true })
  finish()
  expect(await second).toEqual({ outcome: 'done' })
})

test('what is not to be run is handled without a runner', async () => {
  const bench = await openBench()
  bench.store.claims.push({ outcome: 'settled', status: 'canceled' }, { outcome: 'early', delayMs: 700 })
  expect(await runAttempt(bench.deps, aDelivery())).toEqual({ outcome: 'done' })
  expect(await runAttempt(bench.deps, aDelivery())).toEqual({ outcome: 'again', afterMs: 700 })
  expect(bench.runner.mostRunning).toBe(0)
})

const longWords = { message: 'm'.repeat(5000), traceback: 't'.repeat(9000) }
test.each([
  ['model_error', 'model', { kind: 'failed', code: 'model_error', ...longWords }],
  ['invalid_input', 'final', { kind: 'failed', code: 'invalid_input', message: 'no' }],
  ['timeout', 'final', { kind: 'timeout', killed: true }],
  ['runner_crashed', 'crash', { kind: 'crashed', exitCode: null, signal: 'SIGSEGV', shared: false }],
  ['protocol_error', 'final', { kind: 'protocol_error', message: 'not JSON' }],
] as const)('a run that ends in %s is settled with the blame %s', async (code, blame, outcome) => {
  const bench = await openBench({ script: async () => ({ ...outcome, runSeconds: 1 }) })
  await runAttempt(bench.deps, aDelivery())
  const [told] = bench.store.told
  if (told?.as !== 'fail') throw new Error('it did not fail')
  expect(told).toMatchObject({ blame, error: { code } })
  expect(told.error.message.length).toBeLessThanOrEqual(LIMITS.messageChars)
  expect(JSON.stringify(told.error.details ?? {}).length).toBeLessThanOrEqual(8 * 1024 + 100)
  if (outcome.kind === 'crashed') expect(told.error.details).toEqual({ exit_code: null, signal: 'SIGSEGV' })
})

test("a model's own details stand beside the traceback, and what it measured goes with the result", async () => {
  const failure = { kind: 'failed', code: 'model_error', message: 'no', traceback: 'raise', runSeconds: 1 } as const
  const failing = await openBench({ script: async () => ({ ...failure, details: { status: 429, traceback: 'fake' } }) })
  await runAttempt(failing.deps, aDelivery())
  expect(failing.store.told).toMatchObject([{ as: 'fail', error: { details: { status: 429, traceback: 'raise' } } }])

  const measuring = await openBench({ script: async () => ({ ...done({}), metrics: { pages: 7 } }) as RunOutcome })
  await runAttempt(measuring.deps, aDelivery())
  expect(measuring.store.told).toMatchObject([{ as: 'succeed', success: { modelMetrics: { pages: 7 } } }])
})

const soFar = { output: ['so far', null], files: [textFile('f', '/1')] }
const partialOf = (told: Told | undefined) => (told?.as === 'fail' || told?.as === 'stop' ? told.partial : undefined)
const writing =
  (outcome: RunOutcome) =>
  async ({ workDir }: RunRequest) => (await writeFile(join(workDir, 'f'), 'x'), outcome)

test.each([
  ['fails', { kind: 'failed', code: 'model_error', message: 'no', partial: soFar, runSeconds: 1 }],
  ['is out of time', { kind: 'timeout', killed: false, partial: soFar, runSeconds: 1 }],
  ['crashed', { kind: 'crashed', exitCode: 3, signal: null, shared: false, partial: soFar, runSeconds: 1 }],
] as const)('what a run gave before it %s is kept, although it fits no schema', async (_end, outcome) => {
  const bench = await openBench({ script: writing(outcome as unknown as RunOutcome) })
  bench.store.claims.push({ outcome: 'claimed', record: aRecord({ crashes: LIMITS.crashes - 1 }) })
  bench.store.fault = (method) => {
    if (method !== 'get') return
    bench.store.record = aRecord({ status: 'failed', output_files: partialOf(bench.store.told[0])?.files ?? [] })
  }
  await runAttempt(bench.deps, aDelivery())
  const partial = partialOf(bench.store.told[0])
  expect(partial).toMatchObject({ value: { inline: '["so far",null]' }, files: [{ pointer: '/1', size: 1 }] })
  expect(await keysBelow(bench.objects, prefix)).toEqual([partial?.files[0]?.key])
})

test('what a run gave before it was canceled is kept, although the cancel stops everything else', async () => {
  const bench = await openBench({
    script: (request) =>
      untilAborted(request).then(() => ({ kind: 'canceled', killed: false, partial: soFar, runSeconds: 1 })),
  })
  const handled = runAttempt(bench.deps, aDelivery())
  await until('it runs', () => bench.runner.running === 1)
  const [folder = ''] = await readdir(bench.workDir)
  await writeFile(join(bench.workDir, folder, `${JOB_ID}-1`, 'f'), 'x')
  bench.cancels.get(JOB_ID)?.()
  await handled
  expect(bench.store.told).toMatchObject([{ as: 'stop', partial: { files: [{ pointer: '/1' }] } }])
})

test.each([
  ['model', { kind: 'failed', code: 'model_error', message: 'no', partial: soFar, runSeconds: 1 }],
  ['crash', { kind: 'crashed', exitCode: 3, signal: null, shared: false, partial: soFar, runSeconds: 1 }],
])('what a run gave is not stored when another attempt follows (%s)', async (blame, outcome) => {
  const bench = await openBench({ script: writing(outcome as unknown as RunOutcome) })
  bench.store.claims.push({ outcome: 'claimed', record: aRecord({ max_attempts: 2 }) })
  await runAttempt(bench.deps, aDelivery())
  expect(bench.store.told).toMatchObject([{ as: 'fail', blame }])
  expect(partialOf(bench.store.told[0])).toBeUndefined()
})

test('what cannot be kept of a failed run does not change how it failed', async () => {
  const outcome = { kind: 'failed', code: 'model_error', message: 'no', partial: soFar, runSeconds: 1 } as const
  const refuse = async () => Promise.reject(new StorageError('unavailable', 'away'))
  const bench = await openBench({
    script: writing(outcome as unknown as RunOutcome),
    wrapObjects: (objects) => Object.assign(objects, { put: refuse }),
    pace: { partialForMs: 20 },
  })
  await runAttempt(bench.deps, aDelivery())
  expect(bench.store.told).toMatchObject([{ as: 'fail', blame: 'model', error: { code: 'model_error' } }])
  expect(partialOf(bench.store.told[0])).toBeUndefined()
})

test('a run that was displaced goes back to the line, blaming nobody', async () => {
  const bench = await openBench({ script: async () => ({ kind: 'displaced', runSeconds: 1 }) })
  bench.store.settleAnswer = { outcome: 'queued', delayMs: 0 }
  expect(await runAttempt(bench.deps, aDelivery())).toEqual({ outcome: 'again', afterMs: 0 })
  expect(bench.store.told).toEqual([{ as: 'release' }])
})

test('a job that crashed before has a runner of several places for itself', async () => {
  let finish: () => void = () => undefined
  const bench = await openBench({
    concurrency: 4,
    script: () => new Promise((resolve) => (finish = () => resolve(done({})))),
  })
  bench.store.claims.push({ outcome: 'claimed', record: aRecord({ crashes: 1 }) })
  const handled = runAttempt(bench.deps, aDelivery())
  await until('it runs', () => bench.runner.running === 1)
  await expect(bench.slots.acquire(new AbortController().signal, { patienceMs: 1 })).rejects.toThrow('takes jobs')
  finish()
  await handled
  await bench.slots.acquire(new AbortController().signal)
})

test('a training is told to the runner and checked by its own output schema', async () => {
  const kinds: string[] = []
  const bench = await openBench({ script: async ({ kind }) => (kinds.push(kind), done({ word: 'no weights' })) })
  bench.store.claims.push({ outcome: 'claimed', record: aRecord({ kind: 'training' }) })
  await runAttempt(bench.deps, aDelivery())
  expect(kinds).toEqual(['training'])
  expect(bench.store.told).toMatchObject([{ as: 'fail', error: { code: 'invalid_output' } }])
})

test('a training of a model that can no longer be trained is refused without a run', async () => {
  const bench = await openBench()
  bench.deps.outputChecks.training = undefined
  bench.store.claims.push({ outcome: 'claimed', record: aRecord({ kind: 'training' }) })
  await runAttempt(bench.deps, aDelivery())
  expect(bench.runner.mostRunning).toBe(0)
  expect(bench.store.told).toMatchObject([{ as: 'fail', blame: 'final', error: { code: 'invalid_input' } }])
})

test('an answer that does not fit, or names a file it may not, is refused for good', async () => {
  const outputs = [
    done({ word: 42 }),
    done({ copy: null }, [textFile('../../etc/passwd')]),
    done({ copy: null }, [textFile('link')]),
    done({ copy: null }, [textFile('f', '/elsewhere')]),
  ]
  for (const outcome of outputs) {
    const bench = await openBench({
      script: async ({ workDir }) => (await symlink('/etc/passwd', join(workDir, 'link')), outcome),
    })
    await runAttempt(bench.deps, aDelivery())
    expect(bench.store.told).toMatchObject([{ as: 'fail', blame: 'final', error: { code: 'invalid_output' } }])
    expect(await keysBelow(bench.objects, prefix)).toEqual([])
  }
})

test('a store that is away for a while does not cost a finished result; one that stays away blames the platform', async () => {
  const write = async ({ workDir }: { workDir: string }) => {
    await writeFile(join(workDir, 'f'), 'x')
    return done({ copy: null }, [textFile('f')])
  }
  const failing = (times: number) => (objects: ObjectStore) => {
    let left = times
    const realPut = objects.put.bind(objects)
    const put: ObjectStore['put'] = (key, body, options) =>
      left-- > 0 ? Promise.reject(new StorageError('unavailable', 'away')) : realPut(key, body, options)
    return Object.assign(objects, { put })
  }
  const back = await openBench({ script: write, wrapObjects: failing(3) })
  await runAttempt(back.deps, aDelivery())
  expect(back.store.told).toMatchObject([{ as: 'succeed' }])
  expect(await keysBelow(back.objects, prefix)).toHaveLength(1)

  const gone = await openBench({ script: write, wrapObjects: failing(1e9), pace: { storeForMs: 20 } })
  await runAttempt(gone.deps, aDelivery())
  expect(gone.store.told).toMatchObject([{ as: 'fail', blame: 'platform', error: { code: 'output_unavailable' } }])
})

test('the slot is free while outputs are stored, so the next job runs meanwhile', async () => {
  let letPut: () => void = () => undefined
  const held = new Promise<void>((resolve) => (letPut = resolve))
  const bench = await openBench({
    script: async ({ workDir }) => (await writeFile(join(workDir, 'f'), 'x'), done({ copy: null }, [textFile('f')])),
    wrapObjects: (objects) => {
      const realPut = objects.put.bind(objects)
      const put: ObjectStore['put'] = async (key, body, options) => (await held, realPut(key, body, options))
      return Object.assign(objects, { put })
    },
  })
  const other = `job_${'b'.repeat(34)}`
  bench.store.claims.push(
    { outcome: 'claimed', record: aRecord() },
    { outcome: 'claimed', record: aRecord({ id: other }) },
  )
  const lease = await bench.slots.acquire(new AbortController().signal)
  lease.release()
  const first = runAttempt(bench.deps, aDelivery())
  const second = runAttempt(bench.deps, { id: other, delivery: 'd2' })
  let ran = 0
  const script = bench.runner.script
  bench.runner.script = (request) => (ran++, script(request))
  await until('both ran although nothing is stored', () => ran === 2)
  expect(bench.store.told).toEqual([])
  letPut()
  await Promise.all([first, second])
  expect(bench.store.told).toHaveLength(2)
  expect(bench.runner.mostRunning).toBe(1)
})

test('what the model says is told before the job ends, progress at a measured pace', async () => {
  let finish: () => void = () => undefined
  const bench = await openBench({
    script: (request) => {
      for (let i = 0; i < 100; i++) request.onProgress(i / 100, `step ${i}`)
      request.onLog('info', 'last words')
      return new Promise((resolve) => (finish = () => resolve(done({}))))
    },
    pace: { progressMs: 20 },
  })
  const handled = runAttempt(bench.deps, aDelivery())
  await until('the newest progress was told', () => bench.store.beats.at(-1)?.fraction === 0.99)
  finish()
  await handled
  expect(bench.store.beats.length).toBeLessThanOrEqual(2)
  expect(bench.store.events).toEqual([{ type: 'log', level: 'info', message: 'last words' }])
})
