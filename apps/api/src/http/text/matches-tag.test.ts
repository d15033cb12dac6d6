import { expect, test } from 'vitest'
import { matchesTag } from './matches-tag.ts'

test('a tag is found in a list, weak or strong', () => {
  for (const header of ['W/"a-1"', '"a-1"', '"b", W/"a-1"', '*'])
    expect(matchesTag(header, 'W/"a-1"'), header).toBe(true)
  for (const header of [undefined, '', '"a-2"', 'a-1']) expect(matchesTag(header, 'W/"a-1"'), header).toBe(false)
})
