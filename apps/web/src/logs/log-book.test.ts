import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LogBook, type LogLevel } from './log-book.ts'
import { plainLine } from './plain-line.ts'

const ALL = { least: 'debug', words: '' } as const
const line = (text: string, level: LogLevel = 'info') => ({ at: '2026-11-29T12:00:00.000Z', level, text })
const texts = (book: LogBook, look: Parameters<LogBook['matching']>[0] = ALL) =>
  book.matching(look).map(({ text }) => text)

it('finds lines by level and words, those that come later too', () => {
  const book = new LogBook()
  book.add(line('Loading weights'))
  book.add(line('cuda out of memory', 'error'))
  expect(texts(book, { least: 'warn', words: '' })).toEqual(['cuda out of memory'])
  expect(texts(book, { least: 'debug', words: 'LOAD' })).toEqual(['Loading weights'])
  book.add(line('reloading', 'warn'))
  expect(texts(book, { least: 'debug', words: 'LOAD' })).toEqual(['Loading weights', 'reloading'])
  expect(book.text()).toContain('2026-11-29T12:00:00.000Z error cuda out of memory\n')
})

it('keeps the newest lines within its bounds, whatever is looked for', () => {
  const book = new LogBook({ lines: 1000, chars: 100_000, spare: 100 })
  for (let i = 0; i < 1250; i++) {
    book.add(line(`line ${i}`, i % 100 === 0 ? 'warn' : 'info'))
    if (i === 500) expect(texts(book, { least: 'warn', words: '' })).toHaveLength(6)
  }
  expect([book.size, book.dropped]).toEqual([1000, 250])
  const warnings = book.matching({ least: 'warn', words: '' })
  expect(warnings.map(({ number }) => number)).toEqual([300, 400, 500, 600, 700, 800, 900, 1000, 1100, 1200])
  expect(texts(book)[0]).toBe('line 250')
  const wide = new LogBook({ lines: 1000, chars: 100_000, spare: 100 })
  for (let i = 0; i < 40; i++) wide.add(line('x'.repeat(8192)))
  expect(wide.size).toBe(12)
})

it('shows colours as plain text, and what is hidden as visible', () => {
  expect(plainLine('\u001b[1;31mred\u001b[0m \u001b]0;title\u0007done')).toBe('red done')
  expect(plainLine(' 10%\r 50%\r100%\r\n')).toBe('100%')
  expect(plainLine('invoice\u202efdp.exe')).toBe('invoice⟨202e⟩fdp.exe')
  for (const same of ['größer 日本 🙂\tx', '👩‍💻 ok']) expect(plainLine(same)).toBe(same)
})

it('leaves no control of the text in any line', () => {
  const nasty = fc.string({
    unit: fc.constantFrom('\u001b', '[', ']', '3', 'm', '\u009b', '\u202e', '\u2067', '\u0000', '\r', 'a', ';'),
  })
  fc.assert(fc.property(nasty, (text) => !/[\p{Cc}\p{Cf}]/u.test(plainLine(text))))
})
