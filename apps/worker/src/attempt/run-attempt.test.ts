import { readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { inputPrefix, jobPrefix, LIMITS } from '@millrace/contracts'
import { QueueUnavailableError } from '@millrace/queue'
import { type ObjectStore, StorageError } from '@millrace/storage'
import { expect, test } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import { aRecord, done, JOB_ID, keysBelow, openBench, sha256, type Told, untilAborted } from './attempt.fixture.ts'
import type { RunOutcome, RunRequest } from '@millrace/host'

const away = () => new QueueUnavailableError('away')
const prefix = jobPrefix('acme', JOB_ID)
const textFile = (path: string, pointer = '/copy') => ({ pointer, path, name: 'copy.txt', content_type: 'text/plain' })

test('a job runs on its input and succeeds with a small output inline', async () => {
  const bench = await openBench()
  expect(await bench.attempt()).toBe('over')
  expect(bench.store.told).toEqual([
    { as: 'succeed', success: { output: { value: { inline: '{"word":"hello"}' }, files: [] }, runSeconds: 0.1 } },
  ])
})

test('the record hears how long it waited here and on which device it ran, and nothing of that when it did not run', async () => {
  const bench = await openBench()
  await bench.attempt()
  bench.slots.drain()
  await bench.attempt()
  expect(bench.store.phases).toEqual([{ waitedSeconds: expect.any(Number), device: 'cpu' }, {}])
})

test('the work folder of an attempt is gone afterwards', async () => {
  let seen = ''
  const bench = await openBench({ script: async ({ workDir }) => ((seen = workDir), done({})) })
  await bench.attempt()
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
  bench.store.given.push(record)
  await bench.attempt()

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
  bench.store.given.push(aRecord({ input }))
  await bench.attempt()
  expect(bench.runner.mostRunning).toBe(0)
  expect(bench.store.told).toMatchObject([{ as: 'fail', blame: 'platform', error: { code: 'input_unavailable' } }])
})

test('an input that is gone fails for good, a store that is away blames the platform', async () => {
  const input = { stored: { key: `${inputPrefix('acme', JOB_ID)}gone`, size: 1, sha256: sha256(Buffer.from('')) } }
  const gone = await openBench()
  gone.store.given.push(aRecord({ input }))
  await gone.attempt()
  expect(gone.store.told).toMatchObject([{ as: 'fail', blame: 'final', error: { code: 'input_unavailable' } }])

  const refuse = async () => Promise.reject(new StorageError('unavailable', 'away'))
  const down = await openBench({ wrapObjects: (objects) => Object.assign(objects, { get: refuse }) })
  down.store.given.push(aRecord({ input }))
  down.store.settleAnswer = { outcome: 'queued', delayMs: 4000 }
  expect(await down.attempt()).toBe('back')
  expect(down.store.told).toMatchObject([{ as: 'fail', blame: 'platform', error: { code: 'input_unavailable' } }])
})

test('a finished result outlives an outage of Redis', async () => {
  const bench = await openBench()
  let refused = 0
  bench.store.fault = (method) => {
    if (method === 'succeed' && ++refused <= 6) throw away()
  }
  expect(await bench.attempt()).toBe('over')
  expect(refused).toBe(7)
  expect(bench.store.told).toMatchObject([{ as: 'succeed' }])
})

test('the heart beats on while the end cannot be told, so that the job stays its own', async () => {
  const bench = await openBench({ pace: { beatMs: 5 } })
  let beats = 0
  bench.store.fault = (method) => {
    if (method === 'beat') beats++
    if (method === 'succeed' && beats < 3) throw away()
  }
  expect(await bench.attempt()).toBe('over')
  expect(beats).toBeGreaterThanOrEqual(3)
  expect(bench.store.told).toMatchObject([{ as: 'succeed' }])
})

type Bench = Awaited<ReturnType<typeof openBench>>
test.each<[string, (bench: Bench) => void]>([
  ['succeeds', ({ runner }) => void (runner.script = async () => done({}))],
  ['fails', ({ store }) => void store.given.push(aRecord({ input: { inline: 'no JSON' } }))],
  ['is lost', ({ store }) => void (store.beatAnswer = 'lost')],
  ['was canceled', ({ store }) => void store.given.push(aRecord({ cancel_requested: true }))],
  ['goes back', ({ slots }) => slots.drain()],
  [
    'cannot be told',
    ({ store, halt }) => {
      store.fault = () => {
        throw away()
      }
      halt.abort()
    },
  ],
])('there is room for the next before the end is told, when an attempt %s', async (_how, arrange) => {
  const bench = await openBench({ script: untilAborted, pace: { beatMs: 5 } })
  arrange(bench)
  let toldBefore: number | undefined
  await bench.attempt(() => void (toldBefore ??= bench.store.told.length))
  expect(toldBefore).toBe(0)
})

test('an attempt that was fenced out takes its objects away and says nothing', async () => {
  const bench = await openBench({
    script: async ({ workDir }) => (await writeFile(join(workDir, 'f'), 'x'), done({ copy: null }, [textFile('f')])),
  })
  bench.store.settleAnswer = { outcome: 'fenced' }
  expect(await bench.attempt()).toBe('over')
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
  await bench.attempt()
  expect(await keysBelow(bench.objects, prefix)).toHaveLength(1)
})

test('an attempt that a beat calls lost stops its run and settles nothing', async () => {
  const bench = await openBench({ script: untilAborted, pace: { beatMs: 5 } })
  bench.store.beatAnswer = 'lost'
  expect(await bench.attempt()).toBe('over')
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
  const handled = bench.attempt()
  await until('it runs, and three beats were refused', () => bench.runner.running === 1 && refused >= 3)
  finish()
  expect(await handled).toBe('over')
  expect(bench.store.told).toMatchObject([{ as: 'succeed' }])
})

test('a cancel stops the run, whether a hint or a beat tells of it', async () => {
  const hinted = await openBench({ script: untilAborted })
  const handled = hinted.attempt()
  await until('it runs', () => hinted.runner.running === 1)
  hinted.cancels.get(JOB_ID)?.()
  expect(await handled).toBe('over')
  expect(hinted.store.told).toEqual([{ as: 'stop' }])

  const beaten = await openBench({ script: untilAborted, pace: { beatMs: 5 } })
  beaten.store.beatAnswer = 'cancel'
  await beaten.attempt()
  expect(beaten.store.told).toEqual([{ as: 'stop' }])
})

test('a drain gives a run back, also one that does not stop when asked', async () => {
  const bench = await openBench({ script: () => new Promise(() => undefined) })
  bench.store.settleAnswer = { outcome: 'queued', delayMs: 0 }
  const handled = bench.attempt()
  await until('it runs', () => bench.runner.running === 1)
  bench.drain.abort()
  expect(await handled).toBe('back')
  expect(bench.store.told).toEqual([{ as: 'release' }])
})

test('a run that finishes while the worker drains is kept', async () => {
  const bench = await openBench({
    script: (request) => untilAborted(request).then(() => done({ word: 'just in time' })),
  })
  const handled = bench.attempt()
  await until('it runs', () => bench.runner.running === 1)
  bench.drain.abort()
  await handled
  expect(bench.store.told).toMatchObject([{ as: 'succeed' }])
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
  await bench.attempt()
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
  await failing.attempt()
  expect(failing.store.told).toMatchObject([{ as: 'fail', error: { details: { status: 429, traceback: 'raise' } } }])

  const measuring = await openBench({ script: async () => ({ ...done({}), metrics: { pages: 7 } }) as RunOutcome })
  await measuring.attempt()
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
  bench.store.given.push(aRecord({ crashes: LIMITS.crashes - 1 }))
  bench.store.fault = (method) => {
    if (method !== 'get') return
    bench.store.record = aRecord({ status: 'failed', output_files: partialOf(bench.store.told[0])?.files ?? [] })
  }
  await bench.attempt()
  const partial = partialOf(bench.store.told[0])
  expect(partial).toMatchObject({ value: { inline: '["so far",null]' }, files: [{ pointer: '/1', size: 1 }] })
  expect(await keysBelow(bench.objects, prefix)).toEqual([partial?.files[0]?.key])
})

test('what a run gave before it was canceled is kept, although the cancel stops everything else', async () => {
  const bench = await openBench({
    script: (request) =>
      untilAborted(request).then(() => ({ kind: 'canceled', killed: false, partial: soFar, runSeconds: 1 })),
  })
  const handled = bench.attempt()
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
  bench.store.given.push(aRecord({ max_attempts: 2 }))
  await bench.attempt()
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
  await bench.attempt()
  expect(bench.store.told).toMatchObject([{ as: 'fail', blame: 'model', error: { code: 'model_error' } }])
  expect(partialOf(bench.store.told[0])).toBeUndefined()
})

test('a run that was displaced goes back to the line, blaming nobody', async () => {
  const bench = await openBench({ script: async () => ({ kind: 'displaced', runSeconds: 1 }) })
  bench.store.settleAnswer = { outcome: 'queued', delayMs: 0 }
  expect(await bench.attempt()).toBe('back')
  expect(bench.store.told).toEqual([{ as: 'release' }])
})

test('a job that crashed before has a runner of several places for itself', async () => {
  let finish: () => void = () => undefined
  const bench = await openBench({
    concurrency: 4,
    script: () => new Promise((resolve) => (finish = () => resolve(done({})))),
  })
  bench.store.given.push(aRecord({ crashes: 1 }))
  const handled = bench.attempt()
  await until('it runs', () => bench.runner.running === 1)
  await expect(bench.slots.acquire(new AbortController().signal, { patienceMs: 1 })).rejects.toThrow('takes jobs')
  finish()
  await handled
  await bench.slots.acquire(new AbortController().signal)
})

test('a training is told to the runner and checked by its own output schema', async () => {
  const kinds: string[] = []
  const bench = await openBench({ script: async ({ kind }) => (kinds.push(kind), done({ word: 'no weights' })) })
  bench.store.given.push(aRecord({ kind: 'training' }))
  await bench.attempt()
  expect(kinds).toEqual(['training'])
  expect(bench.store.told).toMatchObject([{ as: 'fail', error: { code: 'invalid_output' } }])
})

test('a training of a model that can no longer be trained is refused without a run', async () => {
  const bench = await openBench()
  bench.deps.outputChecks.training = undefined
  bench.store.given.push(aRecord({ kind: 'training' }))
  await bench.attempt()
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
    await bench.attempt()
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
  await back.attempt()
  expect(back.store.told).toMatchObject([{ as: 'succeed' }])
  expect(await keysBelow(back.objects, prefix)).toHaveLength(1)

  const gone = await openBench({ script: write, wrapObjects: failing(1e9), pace: { storeForMs: 20 } })
  await gone.attempt()
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
  bench.store.given.push(aRecord(), aRecord({ id: other }))
  const lease = await bench.slots.acquire(new AbortController().signal)
  lease.release()
  const first = bench.attempt()
  const second = bench.attempt()
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
  const handled = bench.attempt()
  await until('the newest progress was told', () => bench.store.beats.at(-1)?.fraction === 0.99)
  finish()
  await handled
  expect(bench.store.beats.length).toBeLessThanOrEqual(2)
  expect(bench.store.events).toEqual([{ type: 'log', level: 'info', message: 'last words' }])
})
