import { LIMITS } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { LogLines } from './log-lines.ts'
import { fractionOf, PrintedText } from './printed-text.ts'

function read(...chunks: string[]) {
  const lines: string[] = []
  const states: string[] = []
  const reader = new LogLines(
    (line) => void lines.push(line),
    (state) => void states.push(state),
  )
  for (const chunk of chunks) reader.push(Buffer.from(chunk, 'latin1'))
  reader.flush()
  return { lines, states }
}

it('ends a line at a newline, with a carriage return before it or not, wherever the chunks are cut', () => {
  for (const chunks of [['one\r\ntwo\n\nthree'], ['on', 'e\r', '\ntwo', '\n', '\n', 'three']]) {
    expect(read(...chunks)).toEqual({ lines: ['one', 'two', 'three'], states: [] })
  }
})

it('takes a line that is written over for a bar: its last state is the line, and each is heard', () => {
  for (const end of ['\n', '']) {
    expect(read('\r 0%', '\r50%\r', `99%${end}`, 'after\n').lines.at(0)).toBe(end ? '99%' : '99%after')
  }
  expect(read('\r 0%\r50%', '\r100%', '\nafter').lines).toEqual(['100%', 'after'])
  expect(read('\r 0%', '\r50%').states.at(-1)).toBe('50%')
  expect(read('\r 0%\r50%\r100%\n').states).toEqual([' 0%', '50%', '100%'])
  // Some bars wipe themselves out at their end. The last state before that is kept.
  expect(read('\r50%\r     \r').lines).toEqual(['50%'])
})

it('shows an inner bar no line for each of its states, and only the outer one tells the progress', () => {
  const up = '\x1b[A'
  const inner = Array.from({ length: 50 }, (_, step) => `\n\rinner ${step}%${up}`).join('')
  const { lines, states } = read(`\router 0%${inner}\router 50%${inner}\router 100%\n`)
  expect(lines).toEqual(['outer 0%', 'outer 50%', 'outer 100%'])
  expect(states.filter((state) => state.startsWith('inner'))).toEqual([])
})

it('drops half a character at the end of a text', () => {
  expect(read('caf\xc3\xa9\nna\xc3').lines).toEqual(['café', 'na'])
})

it.each([
  [' 45%|████▌     | 45/100 [00:01<00:02]', 0.45],
  ['loading: 100%|##| 20/20', 1],
  ['12.5 % done', 0.125],
  ['3/12 [=====>.....] - ETA: 3s', 0.25],
  ['0it [00:00, ?it/s]', undefined],
  ['1.5/3.0 MB', undefined],
  ['250% of it', undefined],
  ['5/0', undefined],
  ['2026/11/28', undefined],
])('reads how far a bar is: %s', (bar, fraction) => {
  expect(fractionOf(bar)).toBe(fraction)
})

it('keeps a line that is told apart from what arrives by the pipe in its middle', () => {
  const lines: string[] = []
  const text = new PrintedText({ onLine: (stream, line) => void lines.push(`${stream}: ${line}`) })
  text.push('stdout', Buffer.from('told '), 'told')
  text.push('stdout', Buffer.from('printed\n'))
  text.push('stdout', Buffer.from('in two'), 'told')
  text.push('stdout', Buffer.from('unended'))
  text.end()
  expect(lines.toSorted()).toEqual(['stdout: printed', 'stdout: told in two', 'stdout: unended'])
})

it('cuts a long line, drops its rest, and goes on with the next', () => {
  const lines: string[] = []
  const reader = new LogLines((line) => void lines.push(line))
  for (let index = 0; index < 20; index += 1) reader.push(Buffer.alloc(1024, 'x'))
  reader.push(Buffer.from('\n\nnext\nlast'))
  reader.flush()
  expect(lines).toEqual(['x'.repeat(LIMITS.logLineChars), 'next', 'last'])
})
