import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { InputFile, JobId } from '@millrace/contracts'
import type { RunRequest } from '@millrace/host'
import { expect, test } from 'vitest'
import { until } from '../../../../../test/support/until.ts'
import { aRecord, type BenchOptions, done, openBench, sha256 } from '../attempt.fixture.ts'

/** A file that several jobs take, through real folders. */

const fileOf = (name: string, text: string): InputFile => ({
  ...{ id: `file_${name}`, pointer: '/file', name, key: `blobs/acme/${name}` },
  ...{ content_type: 'text/plain', size: text.length, sha256: sha256(Buffer.from(text)) },
})

interface Options extends Pick<BenchOptions, 'sharing'> {
  /** What the model does with its file after it has read it. */
  spoil?: (path: string) => Promise<void>
}

async function aBench({ sharing, spoil }: Options = {}) {
  const [seen, got]: [string[], string[]] = [[], []]
  let held: Promise<void> | undefined
  const bench = await openBench({
    ...(sharing && { sharing }),
    concurrency: 8,
    wrapObjects(objects) {
      const get = objects.get.bind(objects)
      return Object.assign(objects, {
        get: async (key: string) => {
          got.push(key)
          await held
          return get(key)
        },
      })
    },
    async script({ files, workDir }: RunRequest) {
      const path = join(workDir, files[0]?.path ?? '')
      seen.push(await readFile(path, 'utf8'))
      await spoil?.(path)
      return done({})
    },
  })
  let jobs = 0
  const run = (file: InputFile) => {
    const id: JobId = `job_${String(++jobs).padStart(34, 'a')}`
    bench.store.given.push(aRecord({ id, input_files: [file] }))
    return bench.attempt()
  }
  const put = async (name: string, text: string) => {
    await bench.objects.put(`blobs/acme/${name}`, Buffer.from(text), { contentType: 'text/plain' })
    return fileOf(name, text)
  }
  return { ...bench, run, put, seen, got, hold: (until: Promise<void> | undefined) => void (held = until) }
}

test('one after the other, jobs that take the same file fetch it once', async () => {
  const { run, put, seen, got } = await aBench()
  const file = await put('a', 'hello')
  for (let job = 0; job < 3; job++) expect(await run(file)).toBe('over')
  expect([seen, got]).toEqual([['hello', 'hello', 'hello'], ['blobs/acme/a']])
})

test('and at the same time', async () => {
  const { run, put, seen, got, hold } = await aBench()
  const file = await put('a', 'hello')
  let letGo = (): void => undefined
  hold(new Promise((resolve) => (letGo = resolve)))
  const runs = [run(file), run(file), run(file)]
  await until('it is asked for', () => got.length > 0)
  letGo()
  await Promise.all(runs)
  expect([seen, got.length]).toEqual([['hello', 'hello', 'hello'], 1])
})

test('what a model did to its file is not given to the next: the bytes come anew', async () => {
  const { run, put, seen, got } = await aBench({ spoil: (path) => writeFile(path, 'worse') })
  const file = await put('a', 'hello')
  await run(file)
  await run(file)
  expect([seen, got.length]).toEqual([['hello', 'hello'], 2])
})

test('a fetch that fails fails no other job', async () => {
  const { run, put, seen, store, got, hold } = await aBench()
  const file = await put('a', 'hello')
  let fail = (_error: Error): void => undefined
  hold(new Promise((_, reject) => (fail = reject)))
  const first = run(file)
  await until('it is asked for', () => got.length === 1)
  const second = run(file)
  hold(undefined)
  fail(new Error('planted'))
  await Promise.all([first, second])
  expect([seen, store.told.map(({ as }) => as).toSorted()]).toEqual([['hello'], ['fail', 'succeed']])
})

test('no more is kept than may be, the oldest goes first, and large files are not kept', async () => {
  const { run, put, got } = await aBench({ sharing: { inAll: 10, each: 6 } })
  const [a, b, c, large] = [
    await put('a', 'aaaaa'),
    await put('b', 'bbbbb'),
    await put('c', 'ccccc'),
    await put('d', 'ddddddd'),
  ]
  for (const file of [a, b, a, c, a, b, large, large]) await run(file)
  expect(got.map((key) => key.at(-1)).join('')).toBe('abcbdd')
})

test('after some time it is forgotten', async () => {
  const { run, put, got } = await aBench({ sharing: { keepMs: 1 } })
  const file = await put('a', 'hello')
  await until('it was fetched twice', async () => {
    await run(file)
    return got.length === 2
  })
})
