import { expect, it } from 'vitest'
import { toFunction } from './to-function.ts'

const rewritten = (lua: string): string[] => toFunction({ tables: '', args: 'local args = {}', lua }).split('\n')

it('makes functions once, and sets what they share with the script at each call', () => {
  const lua = `local NOW = clock()
local seen = {}
local function has(id)
  return seen[id] or NOW
end
local own = 1
if has(own) then
  seen.a = own
end
return { own }`
  expect(rewritten(lua).slice(1)).toEqual([
    'local P, args, NOW, seen',
    'local function has(id)',
    '  return seen[id] or NOW',
    'end',
    'local function arguments_of(ARGV)',
    'local args = {}',
    'return args',
    'end',
    'local function call(KEYS, ARGV)',
    'P, args = KEYS[1], arguments_of(ARGV)',
    'NOW = clock()',
    'seen = {}',
    'local own = 1',
    'if has(own) then',
    '  seen.a = own',
    'end',
    'return { own }',
    'end',
  ])
})

it('brings a variable back to nothing that begins with none, and keeps apart those that no function knows', () => {
  const lua = `local first, second
local third, fourth = 1, 2
local function sum() return first + third end
return sum() + second + fourth`
  expect(rewritten(lua).slice(-7)).toEqual(
    [
      'local second',
      'first, second = nil',
      'local fourth',
      'third, fourth = 1, 2',
      'return sum() + second + fourth',
      'end',
    ].toSpliced(0, 0, 'P, args = KEYS[1], arguments_of(ARGV)'),
  )
})

it.each([
  ['two variables', 'local a = 1\nlocal a = 2'],
  ['a variable and a function', 'local a = 1\nlocal function a() end'],
  ['what it names itself', 'local function call() end'],
])('refuses one name for %s: they would be one thing', (_what, lua) => {
  expect(() => rewritten(lua)).toThrow('two things of one name')
})
