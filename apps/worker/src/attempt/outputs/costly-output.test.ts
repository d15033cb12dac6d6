import { expect, test } from 'vitest'
import { compileOutputCheck } from '@millrace/host'
import { done, openBench } from '../attempt.fixture.ts'

const check = compileOutputCheck({ type: 'object', properties: { word: { pattern: '^(a+)+\\1b$' } } }, 'costly')

test('an answer whose check runs out of time fails its job, blames the schema, and holds up no other', async () => {
  await check.prepare()
  const costly = await openBench({ script: async () => done({ word: `${'a'.repeat(60)}c` }) })
  costly.deps.outputChecks.prediction = check
  const slow = costly.attempt()
  const other = await openBench()
  await other.attempt()
  expect(other.store.told).toMatchObject([{ as: 'succeed' }])
  expect(costly.store.told).toEqual([])
  await slow
  expect(costly.store.told).toMatchObject([{ as: 'fail', blame: 'final', error: { code: 'invalid_output' } }])
  const [told] = costly.store.told
  expect(JSON.stringify(told)).toContain('took too long: the pattern ^(a+)+')
})
