/** What an attempt does with a checkpoint of its model: real folders and objects; a store of jobs that does as it is told. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { checkpointPrefix, type CheckpointAnswer, LIMITS } from '@millrace/contracts'
import type { GivenCheckpoint, RunRequest } from '@millrace/host'
import { QueueUnavailableError } from '@millrace/queue'
import { StorageError } from '@millrace/storage'
import { expect, test } from 'vitest'
import { aRecord, type BenchOptions, done, JOB_ID, keysBelow, openBench, sha256 } from '../attempt.fixture.ts'

const prefix = checkpointPrefix('acme', JOB_ID, '').slice(0, -1)
const LARGE = 'x'.repeat(LIMITS.inlineBytes)

/** A bench whose model makes these checkpoints, one after the other, and keeps the answers. */
async function benchWith(
  checkpoints: readonly (GivenCheckpoint | ((request: RunRequest) => Promise<GivenCheckpoint>))[],
  options: BenchOptions = {},
) {
  const answers: (CheckpointAnswer | undefined)[] = []
  const bench = await openBench({
    ...options,
    async script(request) {
      await writeFile(join(request.workDir, 'w.bin'), 'weights')
      for (const one of checkpoints) {
        answers.push(await request.onCheckpoint?.(typeof one === 'function' ? await one(request) : one))
        if (request.signal.aborted) return { kind: 'canceled', killed: false, runSeconds: 0.1 }
      }
      return done({ word: 'done' })
    },
  })
  return { ...bench, answers, codes: () => answers.map((answer) => answer && (answer.kept ? 'kept' : answer.code)) }
}
const withFile: GivenCheckpoint = { state: { step: 1 }, files: [{ name: 'w', path: 'w.bin' }] }

test('a small state is kept in the record, files and a large one in the object store', async () => {
  const bench = await benchWith([{ state: { step: 1 }, files: [] }, withFile, { state: LARGE, files: [] }])
  await bench.attempt()
  expect(bench.codes()).toEqual(['kept', 'kept', 'kept'])
  const [small, file, large] = bench.store.checkpoints
  expect(small).toEqual({ version: '1', folder: '', stored_bytes: 0, state: { inline: '{"step":1}' }, files: [] })
  expect(file).toMatchObject({ stored_bytes: 7, state: { inline: '{"step":1}' } })
  const key = `${prefix}${file?.folder}/0-w`
  expect(file?.files).toEqual([{ name: 'w', key, size: 7, sha256: sha256(Buffer.from('weights')) }])
  expect(await text(await bench.objects.get(key))).toBe('weights')
  const stored = large && 'stored' in large.state ? large.state.stored : undefined
  expect(JSON.parse(await text(await bench.objects.get(stored?.key ?? '')))).toBe(LARGE)
  expect(large?.stored_bytes).toBe(LARGE.length + 2)
})

test('a state that came as a file is kept as it is', async () => {
  const bench = await benchWith([
    async ({ workDir }) => {
      await writeFile(join(workDir, 's.json'), '{"a":1}')
      return { statePath: 's.json', files: [] }
    },
  ])
  await bench.attempt()
  const [key = ''] = await keysBelow(bench.objects, prefix)
  expect(await text(await bench.objects.get(key))).toBe('{"a":1}')
})

test('one that cannot be kept is refused with the reason, leaves nothing, and ends nothing', async () => {
  const many = Array.from({ length: LIMITS.checkpointFiles + 1 }, (_, n) => ({ name: `${n}`, path: 'w.bin' }))
  const bench = await benchWith(
    [
      { state: 1, files: many },
      { state: 1, files: [{ name: 'w', path: '../w.bin' }] },
      { state: 1, files: [{ name: 'w', path: 'none' }] },
      { state: LARGE, files: [{ name: 'w', path: 'w.bin' }] },
    ],
    { pace: { outputBytes: LIMITS.inlineBytes } },
  )
  expect(await bench.attempt()).toBe('over')
  expect(bench.codes()).toEqual(['too_many_files', 'invalid', 'invalid', 'too_large'])
  expect([bench.store.checkpoints, await keysBelow(bench.objects, prefix)]).toEqual([[], []])
  expect(bench.store.told).toMatchObject([{ as: 'succeed' }])
})

test('at most a few at once are kept, and more are answered without any work', async () => {
  const bench = await benchWith(Array.from({ length: 8 }, () => withFile))
  await bench.attempt()
  expect(bench.codes()).toEqual([...Array<string>(5).fill('kept'), ...Array<string>(3).fill('too_often')])
  expect(bench.store.checkpoints).toHaveLength(5)
})

test('what a fenced attempt has stored is deleted, unless the record names it', async () => {
  const bench = await benchWith([withFile, withFile])
  const folders: string[] = []
  bench.store.checkpointAnswer = (_isSpared, checkpoint) => {
    // The second was kept, and the answer lost.
    if (folders.push(checkpoint.folder) === 2)
      bench.store.record = aRecord({ checkpoint: { ...checkpoint, created_at: '2030-01-01T00:00:00.000Z' } })
    return 'fenced'
  }
  await bench.attempt()
  expect(bench.codes()).toEqual(['ended', 'ended'])
  expect(await keysBelow(bench.objects, prefix)).toEqual([`${prefix}${folders[1]}/0-w`])
})

test('a store and a Redis that are away for a moment are asked again, and what an earlier try left goes', async () => {
  let puts = 0
  let asks = 0
  const bench = await benchWith([withFile], {
    wrapObjects(objects) {
      const put = objects.put.bind(objects)
      return Object.assign(objects, {
        put: async (...given: Parameters<typeof put>) => {
          const info = await put(...given)
          if (++puts === 1) throw new StorageError('unavailable', 'the answer was lost')
          return info
        },
      })
    },
  })
  bench.store.fault = (method) => {
    if (method === 'keepCheckpoint' && ++asks === 1) throw new QueueUnavailableError('away')
  }
  await bench.attempt()
  expect([bench.codes(), asks]).toEqual([['kept'], 2])
  const [kept] = bench.store.checkpoints
  expect(await keysBelow(bench.objects, prefix)).toEqual([`${prefix}${kept?.folder}/0-w`])
})

test('the run goes on without it when Redis stays away, and nothing is deleted that it may have kept', async () => {
  const bench = await benchWith([withFile], { pace: { checkpointForMs: 20 } })
  bench.store.fault = (method) => {
    if (method === 'keepCheckpoint') throw new QueueUnavailableError('away')
  }
  await bench.attempt()
  expect(bench.codes()).toEqual(['unavailable'])
  expect(await keysBelow(bench.objects, prefix)).toHaveLength(1)
  expect(bench.store.told).toMatchObject([{ as: 'succeed' }])
})

test('the state goes to the object store when Redis is crowded, and the checkpoint is refused when it is full', async () => {
  const bench = await benchWith([{ state: 'a'.repeat(5000), files: [] }, withFile])
  let isFull = false
  bench.store.checkpointAnswer = (isSpared) => (isSpared && !isFull ? 'kept' : 'crowded')
  bench.store.fault = () => {
    isFull = bench.store.checkpoints.length > 0
  }
  await bench.attempt()
  expect(bench.codes()).toEqual(['kept', 'unavailable'])
  const [kept] = bench.store.checkpoints
  expect(kept).toMatchObject({ stored_bytes: 5002, state: { stored: { size: 5002 } } })
  expect(await keysBelow(bench.objects, prefix)).toEqual([`${prefix}${kept?.folder}/state.json`])
})

test('while the worker drains, the run ends with the checkpoint that is kept, and the job goes back unblamed', async () => {
  const bench = await benchWith([
    withFile,
    async () => {
      bench.leaving.set(true)
      return withFile
    },
    withFile,
  ])
  expect(await bench.attempt()).toBe('over')
  expect(bench.codes()).toEqual(['kept', 'kept'])
  expect(bench.store.told).toEqual([{ as: 'release' }])
})

test('a run that is out of time is tried again if it has made a checkpoint, for it does not begin where it did', async () => {
  for (const [checkpoints, blame] of [
    [[withFile], 'model'],
    [[], 'final'],
  ] as const) {
    const bench = await openBench({
      async script(request) {
        await writeFile(join(request.workDir, 'w.bin'), 'weights')
        for (const one of checkpoints) await request.onCheckpoint?.(one)
        return { kind: 'timeout', killed: false, runSeconds: 0.1 }
      },
    })
    await bench.attempt()
    expect(bench.store.told).toMatchObject([{ as: 'fail', blame, error: { code: 'timeout' } }])
  }
})
