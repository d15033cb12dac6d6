import { expect, it } from 'vitest'
import * as own from './model-errors.ts'

/** What a model has that brings its own copy of this package. */
const copy = (await import(new URL('./model-errors.ts?copy', import.meta.url).href)) as typeof own

it('knows the errors of another copy by their kind', () => {
  expect(copy.ModelError).not.toBe(own.ModelError)
  const thrown = new copy.ModelError('planted', { code: 7 })
  expect([thrown instanceof own.ModelError, thrown instanceof own.InvalidInputError]).toEqual([true, false])
  expect(new copy.InvalidInputError('x') instanceof own.InvalidInputError).toBe(true)
  expect(new copy.InvalidOutputError('x') instanceof own.InvalidOutputError).toBe(true)
  expect(new Error('x') instanceof own.ModelError).toBe(false)
})

it('takes only its own for one of a class that an author has derived', () => {
  class Refused extends own.ModelError {}
  const [plain, refused] = [new own.ModelError('x', {}), new Refused('x', {})]
  expect([plain instanceof Refused, refused instanceof Refused, refused instanceof copy.ModelError]).toEqual([
    false,
    true,
    true,
  ])
})
