import { expect, it, vi } from 'vitest'
import { guardConsole } from './guard-console.ts'

it('whatever is printed, no terminal obeys it', () => {
  const printed: unknown[][] = []
  for (const method of ['log', 'error', 'warn'] as const) {
    vi.spyOn(console, method).mockImplementation((...parts: unknown[]) => void printed.push(parts))
  }
  guardConsole()
  console.log('ocr \x1b[2J1.0\u202e', '100 %s')
  console.error('two\nlines\x9b1m')
  console.warn('%d', 5)
  vi.restoreAllMocks()
  expect(printed).toEqual([
    ['%s', 'ocr 1.0 100 %s'],
    ['%s', 'two\nlines'],
    ['%s', '5'],
  ])
})
