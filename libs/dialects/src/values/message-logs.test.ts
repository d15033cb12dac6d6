import { expect, it } from 'vitest'
import { withLine } from '../index.ts'

it('keeps the newest lines of a long log, each whole', () => {
  const line = 'x'.repeat(999)
  let logs = withLine('', 'the first')
  expect(logs).toBe('the first\n')
  for (let n = 0; n < 100; n++) logs = withLine(logs, line)
  expect(logs).toBe(`${line}\n`.repeat(65))
  expect(withLine(logs, 'y'.repeat(70_000))).toBe('')
})
