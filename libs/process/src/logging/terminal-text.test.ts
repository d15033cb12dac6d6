import fc from 'fast-check'
import { expect, it } from 'vitest'
import { terminalJson, terminalText } from './terminal-text.ts'

const OBEYED = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u

it.each([
  ['\x1b[2J\x1b[1;31mred\x1b[0m', 'red'],
  ['a\x9b31mb', 'ab'],
  ['\x1b]0;title\x07text', 'text'],
  ['\x1b]8;;http://host/\x1b\\link\x1b]8;;\x1b\\', 'link'],
  ['\x9dtitle\x9ctext', 'text'],
  ['\x1bPq#0\x1b\\pixels', 'pixels'],
  ['\x1b]0;never ends', ']0;never ends'],
  ['\x1bc reset', 'c reset'],
  ['bell\x07 back\b\rspace\x7f\x85', 'bell backspace'],
  ['file\u202egpj.exe', 'filegpj.exe'],
  ['\u2066a\u2069\u200f\u061c\u2028b', 'ab'],
  ['two\n\tlines', 'two\n\tlines'],
  ['ünïcode 🎉👩‍👩‍👧 नमस्ते العربية', 'ünïcode 🎉👩‍👩‍👧 नमस्ते العربية'],
])('%j is shown as %j', (text, shown) => {
  expect(terminalText(text)).toBe(shown)
})

it('nothing that a terminal obeys is left, in text and in JSON, and JSON is the same value', () => {
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 0xa0 }),
    fc.constantFrom(0x202e, 0x2066, 0x2028, 0x61c),
    fc.integer({ max: 0xd7ff, min: 0 }),
  )
  const text = fc.array(unit).map((codes) => String.fromCharCode(...codes))
  fc.assert(
    fc.property(text, (given) => {
      expect(terminalText(given).replace(/[\n\t]/g, '')).not.toMatch(OBEYED)
      const json = terminalJson({ [given]: [given] }, 2)
      expect(json.replaceAll('\n', '')).not.toMatch(OBEYED)
      expect(JSON.parse(json)).toEqual(Object.fromEntries([[given, [given]]]))
    }),
    { numRuns: 500 },
  )
})
