import { describe, expect, it } from 'vitest'
import { type Bitmap, findTextBands, holdsManyLines } from './find-text-bands.ts'

const WIDTH = 40

/** A page of one character per row: `#` is a row with ink, `.` one without, `:` one with two specks of dust. */
function page(rows: string): Bitmap {
  const pixels = new Uint8Array(rows.length * WIDTH).fill(255)
  for (const [y, kind] of rows.split('').entries()) {
    const ink = { '#': 20, ':': 2 }[kind] ?? 0
    pixels.fill(0, y * WIDTH, y * WIDTH + ink)
  }
  return { pixels, width: WIDTH, height: rows.length }
}

const line = '#'.repeat(12)

describe('findTextBands', () => {
  it('finds one band per line, also one that touches an edge of the page', () => {
    expect(findTextBands(page(`${line}....${line}`))).toEqual([
      { top: 0, bottom: 12 },
      { top: 16, bottom: 28 },
    ])
  })

  it('passes over dust between lines and over rules that are too thin for text', () => {
    expect(findTextBands(page(`..::..${line}::..###..`))).toEqual([{ top: 6, bottom: 18 }])
  })

  it('finds nothing on a blank page, and nothing on none', () => {
    expect(findTextBands(page('.....'))).toEqual([])
    expect(findTextBands(page(''))).toEqual([])
  })
})

describe('holdsManyLines', () => {
  const bands = [0, 20, 40, 60].map((top) => ({ top, bottom: top + 12 }))

  it('tells a block of touching lines from single lines by its height', () => {
    const block = { top: 100, bottom: 160 }
    expect(holdsManyLines(block, [...bands, block])).toBe(true)
    expect(bands.some((band) => holdsManyLines(band, [...bands, block]))).toBe(false)
  })

  it('takes no chance when there are too few bands to compare with', () => {
    expect(holdsManyLines({ top: 0, bottom: 400 }, [{ top: 0, bottom: 400 }])).toBe(true)
  })
})
