import { expect, it } from 'vitest'
import { pickTests } from './pick-tests.ts'

const costs: Record<string, number> = { near: 2, slow: 30, middle: 3, big: 5, small: 0.1 }
const pick = (seconds: number) => pickTests(Object.keys(costs), seconds, (path) => costs[path]!)

it('all that are quick are run while there is time', () => {
  expect(pick(100)).toEqual({ run: ['near', 'middle', 'big', 'small'], slow: ['slow'], far: [] })
})

it('the nearest have the first say, and smaller ones behind fill what is left', () => {
  expect(pick(8)).toEqual({ run: ['near', 'middle', 'small'], slow: ['slow'], far: ['big'] })
})

it('what finds no room is named', () => {
  expect(pick(0)).toEqual({ run: [], slow: ['slow'], far: ['near', 'middle', 'big', 'small'] })
})
