import { expect, it } from 'vitest'
import { gatherFunctions } from './gather-functions.ts'
import { writeConstants } from './write-constants.ts'

const CONSTANTS = new Map([
  ['MOST', '12'],
  ['NAME', "'mr:x'"],
])
const gathered = (lua: string): string[] =>
  gatherFunctions(writeConstants(lua, CONSTANTS))
    .split('\n')
    .map((line) => line.trim())

it('puts functions into one table, and constants where they are used', () => {
  const lua = `local function first(a) return a .. NAME end
local function second()
  if 1 == MOST then return first(MOST) end
end
return second()`
  expect(gathered(lua)).toEqual([
    'local F = {}',
    "function F.first(a) return a .. 'mr:x' end",
    'function F.second()',
    'if 1 == 12 then return F.first(12) end',
    'end',
    'return F.second()',
  ])
})

it('leaves alone texts, comments, fields and keys that are called the same', () => {
  const lua = `local function first() return 'first MOST' end
-- first, MOST
return { first = job.first, MOST = a.MOST, b = "first" }, s:first(), first`
  expect(gathered(lua).slice(1)).toEqual([
    "function F.first() return 'first MOST' end",
    '-- first, MOST',
    'return { first = job.first, MOST = a.MOST, b = "first" }, s:first(), F.first',
  ])
})

it.each([
  ['a variable', 'local b, first = 1, 2 return first'],
  ['a parameter', 'local function second(a, first) return first end'],
  ['what a loop counts', 'for _, first in ipairs(x) do y(first) end'],
  ['a function inside of one', 'do\n  local function first() end\nend'],
])('leaves a function what it is where %s has its name', (_what, other) => {
  const lua = `local function first() end\n${other}`
  expect(gatherFunctions(lua)).toContain('local function first() end')
  expect(gatherFunctions(lua)).not.toContain('F.first')
})
