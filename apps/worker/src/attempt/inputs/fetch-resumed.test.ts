/** What an attempt is given of the checkpoint of an earlier one. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Checkpoint, checkpointPrefix } from '@millrace/contracts'
import type { RunRequest } from '@millrace/host'
import { StorageError } from '@millrace/storage'
import { expect, test } from 'vitest'
import { aRecord, type BenchOptions, done, JOB_ID, openBench, sha256 } from '../attempt.fixture.ts'

const key = (name: string) => `${checkpointPrefix('acme', JOB_ID, '1-a')}${name}`
const stored = (name: string, text: string) => ({
  ...{ key: key(name), size: text.length, sha256: sha256(Buffer.from(text)) },
})
const checkpoint = (change: Partial<Checkpoint> = {}): Checkpoint => ({
  ...{ created_at: '2030-01-01T00:00:00.000Z', version: '1', folder: '1-a', stored_bytes: 7 },
  state: { inline: '{"step":1}' },
  files: [{ name: '../w', ...stored('0-w', 'weights') }],
  ...change,
})

async function benchWith(kept: Checkpoint, options: BenchOptions = {}) {
  const seen: { resumed: RunRequest['resumed']; files: string[]; state?: string }[] = []
  const bench = await openBench({
    ...options,
    async script({ resumed, workDir }) {
      const read = (path: string) => readFile(join(workDir, path), 'utf8')
      seen.push({
        resumed,
        files: await Promise.all((resumed?.files ?? []).map(({ path }) => read(path))),
        ...(resumed?.statePath !== undefined && { state: await read(resumed.statePath) }),
      })
      return done({})
    },
  })
  bench.store.given.push(aRecord({ fence: 2, checkpoint: kept }))
  await bench.objects.put(key('0-w'), Buffer.from('weights'), { contentType: 'text/plain' })
  return { ...bench, seen }
}

test('its state and its files lie in the folder of the run', async () => {
  const bench = await benchWith(checkpoint())
  await bench.attempt()
  const files = [{ name: '../w', path: 'resumed/0-w' }]
  expect(bench.seen).toEqual([{ resumed: { state: { step: 1 }, files }, files: ['weights'] }])
})

test('a state in the object store comes as a file', async () => {
  const bench = await benchWith(checkpoint({ state: { stored: stored('state.json', '{"a":1}') }, files: [] }))
  await bench.objects.put(key('state.json'), Buffer.from('{"a":1}'), { contentType: 'application/json' })
  await bench.attempt()
  expect(bench.seen).toEqual([{ resumed: { statePath: 'resumed/state.json', files: [] }, files: [], state: '{"a":1}' }])
})

test('that of another version is not given', async () => {
  const bench = await benchWith(checkpoint({ version: '2' }))
  await bench.attempt()
  expect(bench.seen).toEqual([{ resumed: undefined, files: [] }])
})

test('the model begins anew, and the log says so, when a part of it is gone or is another', async () => {
  for (const file of [stored('none', 'weights'), { ...stored('0-w', 'weights'), sha256: '0'.repeat(64) }]) {
    const bench = await benchWith(checkpoint({ files: [{ name: 'w', ...file }] }))
    await bench.attempt()
    expect(bench.seen).toEqual([{ resumed: undefined, files: [] }])
    expect(bench.store.events).toMatchObject([{ level: 'warn', message: expect.stringContaining('begins anew') }])
    expect(bench.store.told).toMatchObject([{ as: 'succeed' }])
  }
})

test('the job waits for a store that is away, and no run is begun without it', async () => {
  const bench = await benchWith(checkpoint(), {
    wrapObjects: (objects) =>
      Object.assign(objects, {
        get: async () => {
          throw new StorageError('unavailable', 'away')
        },
      }),
  })
  await bench.attempt()
  expect(bench.seen).toEqual([])
  expect(bench.store.told).toMatchObject([{ as: 'fail', blame: 'platform', error: { code: 'input_unavailable' } }])
})
