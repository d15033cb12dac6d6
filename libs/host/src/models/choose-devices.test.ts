import { describe, expect, it } from 'vitest'
import { chooseDevices, mustFit } from './choose-devices.ts'

describe('slots of one model', () => {
  const slots = ['cuda:0', 'cuda:0', 'cuda:1', 'cpu']

  it('are all of them, the first few, or those on the devices it names', () => {
    expect(chooseDevices(undefined, slots)).toEqual(slots)
    expect(chooseDevices(2, slots)).toEqual(['cuda:0', 'cuda:0'])
    expect(chooseDevices(9, slots)).toEqual(slots)
    expect(chooseDevices(['cuda:1', 'cpu'], slots)).toEqual(['cuda:1', 'cpu'])
  })

  it('are refused one by one where none fits, so that the other models go on', () => {
    const [device = ''] = chooseDevices(['cuda:7'], slots)
    expect(() => mustFit(['cuda:7'], device)).toThrow('it runs on cuda:7 only')
    expect(() => mustFit(2, device)).not.toThrow()
    expect(() => mustFit(['cuda:0'], 'cuda:0')).not.toThrow()
  })
})
