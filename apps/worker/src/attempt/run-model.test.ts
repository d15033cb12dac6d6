import { expect, test } from 'vitest'
import { aRecord, openBench } from './attempt.fixture.ts'

test('a failure names files of the run without the place where the worker laid them', async () => {
  let folder = ''
  const bench = await openBench({
    async script({ workDir }) {
      folder = workDir
      const [message, traceback] = [`cannot read ${folder}/in/0-a.png`, `open('${folder}/in/0-a.png')`]
      return { kind: 'failed', code: 'model_error', message, traceback, runSeconds: 1 }
    },
  })
  await bench.attempt()
  expect(folder).not.toBe('')
  const error = { message: 'cannot read in/0-a.png', details: { traceback: `open('in/0-a.png')` } }
  expect(bench.store.told).toMatchObject([{ as: 'fail', error }])
})

test.each([
  [60, 0],
  [5, 1],
])(
  'jobs that run out of the %d s they were given, of 60 that their model has, leave %d devices',
  async (seconds, left) => {
    const bench = await openBench({ script: async () => ({ kind: 'timeout', killed: true, runSeconds: seconds }) })
    bench.runner.whenReady = () => new Promise(() => undefined)
    for (const letter of ['a', 'b', 'c']) {
      bench.store.given.push(aRecord({ id: `job_${letter.repeat(34)}`, timeout_seconds: seconds }))
      await bench.attempt()
    }
    expect(bench.slots.readyCount()).toBe(left)
    expect(bench.store.told).toHaveLength(3)
  },
)
