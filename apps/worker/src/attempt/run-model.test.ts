import { expect, test } from 'vitest'
import { openBench } from './attempt.fixture.ts'

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
