import { ProblemError } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { afterCursor, cursorAt } from './cursor.ts'

it('goes on behind the model that it names', () => {
  expect(afterCursor(undefined)).toBeUndefined()
  expect(afterCursor(cursorAt('ocr'))).toBe('ocr')
})

it.each(['', 'nonsense!', Buffer.from('No Model').toString('base64url')])('refuses %j', (cursor) => {
  expect(() => afterCursor(cursor)).toThrow(ProblemError)
})
