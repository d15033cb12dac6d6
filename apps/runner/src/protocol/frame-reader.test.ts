import { LIMITS } from '@millrace/contracts'
import { describe, expect, it } from 'vitest'
import { FrameReader } from './frame-reader.ts'

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
