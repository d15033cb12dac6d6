import { expect, it } from 'vitest'
import { usedDefinitions } from './used-definitions.ts'

const PRELUDE = `-- Says what it is for: third.
local FIRST, SECOND = 1, 2

local function first() return FIRST end
local third = 3
local function second()
  -- Calls another.
  return first()
end
`

it('gives a script what it needs, and what that needs, in its order', () => {
  const needed = ['local FIRST, SECOND = 1, 2', 'local function first() return FIRST end']
  expect(usedDefinitions(PRELUDE, 'return first()').split('\n')).toEqual(needed)
  expect(usedDefinitions(PRELUDE, 'return second()').split('\n')).toEqual([
    ...needed,
    'local function second()',
    '  return first()',
    'end',
  ])
  expect(usedDefinitions(PRELUDE, 'return SECOND')).toBe(needed[0])
  expect(usedDefinitions(PRELUDE, 'return 1')).toBe('')
})

it('refuses a prelude that does more than define: what it does would depend on what is asked for', () => {
  expect(() => usedDefinitions(`${PRELUDE}redis.call('DEL', P)\n`, 'return 1')).toThrow('a prelude may only define')
  expect(() => usedDefinitions(`redis.call('DEL', P)\n${PRELUDE}`, 'return 1')).toThrow('a prelude may only define')
})
