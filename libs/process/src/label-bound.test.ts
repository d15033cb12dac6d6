import { expect, it } from 'vitest'
import { LabelBound } from './label-bound.ts'

it('calls those that come first by their names, and all later ones other', () => {
  const bound = new LabelBound(2)
  expect(['a', 'b', 'a', 'c', 'b', 'd', 'other'].map((name) => bound.of(name))).toEqual([
    ...['a', 'b', 'a', 'other', 'b', 'other', 'other'],
  ])
})
