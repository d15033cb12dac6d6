import { LIMITS } from '@millrace/contracts'
import { describe, expect, it } from 'vitest'
import { FrameReader } from './frame-reader.ts'
import { LogBudget } from './log-budget.ts'
import { LogLines } from './log-lines.ts'

describe('FrameReader', () => {
  const read = (chunks: Buffer[]) => {
    const frames: string[] = []
    let oversized = 0
    const reader = new FrameReader(
      (text) => void frames.push(text),
      () => void oversized++,
    )
    for (const chunk of chunks) reader.push(chunk)
    return { frames, oversized }
  }

  it('finds the same frames however the bytes are cut', () => {
    const bytes = Buffer.from('{"a":"ü"}\n{"b":2}\n\n{"c"')
    for (let size = 1; size <= bytes.length; size += 1) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      )
      expect(read(chunks)).toEqual({ frames: ['{"a":"ü"}', '{"b":2}', ''], oversized: 0 })
    }
  })

  it('takes a frame of exactly the limit, and gives up once at the first byte above it', () => {
    const most = Buffer.alloc(LIMITS.frameBytes, 'x')
    expect(read([most, Buffer.from('\n')]).frames).toHaveLength(1)
    const broken = read([most, Buffer.from('x'), Buffer.from('\nnext\n'), Buffer.from('x\n')])
    expect(broken).toEqual({ frames: [], oversized: 1 })
  })
})

describe('LogLines', () => {
  it('cuts a long line, drops its rest, and goes on with the next', () => {
    const lines: string[] = []
    const reader = new LogLines((line) => void lines.push(line))
    for (let index = 0; index < 20; index += 1) reader.push(Buffer.alloc(1024, 'x'))
    reader.push(Buffer.from('\n\nnext\nlast'))
    reader.flush()
    expect(lines).toEqual(['x'.repeat(LIMITS.logLineChars), 'next', 'last'])
  })
})

describe('LogBudget', () => {
  it('lets 100 lines a second through and counts the rest', () => {
    const budget = new LogBudget()
    const passed = Array.from({ length: 250 }, () => budget.take(5000)).filter(Boolean).length
    expect(passed).toBe(100)
    expect(budget.take(6000)).toBe(true)
    expect(budget.notice()).toMatch(/^150 log lines/)
  })
})
