import { expect, test } from 'vitest'
import { parseSlots, SlotsError } from './parse-slots.ts'

test.each([
  ['cpu', ['cpu']],
  ['cuda:0,cuda:1', ['cuda:0', 'cuda:1']],
  ['cpu*4', ['cpu', 'cpu', 'cpu', 'cpu']],
  [' cuda:0*2 , cpu ', ['cuda:0', 'cuda:0', 'cpu']],
])('%j gives one device per slot', (text, devices) => {
  expect(parseSlots(text)).toEqual(devices)
})

test.each(['', 'gpu', 'cuda', 'cuda:', 'cuda:-1', 'cuda:01', 'cpu*', 'cpu*x', 'cpu,,cpu', 'cpu*2*2', 'cpu cpu'])(
  '%j is refused with the way to write it',
  (text) => {
    expect(() => parseSlots(text)).toThrow(SlotsError)
    expect(() => parseSlots(text)).toThrow('write cpu, cuda:0 or cpu*4')
  },
)

test('a count of no slots, or of too many, is refused', () => {
  expect(() => parseSlots('cpu*0')).toThrow('asks for no slot')
  expect(() => parseSlots('cpu*200,cpu*200')).toThrow('400 slots are too many')
})
