import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Box, planTiles } from './plan-tiles.ts'

const length = fc.integer({ min: 1, max: 70 })
const side = fc.integer({ min: 1, max: 40 })
const margin = fc.integer({ min: 0, max: 12 })
const right = (box: Box): number => box.x + box.width
const bottom = (box: Box): number => box.y + box.height

describe('planTiles', () => {
  it('covers every pixel of the picture exactly once', () => {
    fc.assert(
      fc.property(length, length, side, margin, (width, height, side, margin) => {
        const seen = new Uint8Array(width * height)
        for (const { core } of planTiles({ width, height }, side, margin)) {
          expect(core.width).toBeLessThanOrEqual(side)
          expect(core.height).toBeLessThanOrEqual(side)
          for (let y = core.y; y < bottom(core); y++) {
            for (let x = core.x; x < right(core); x++) seen[y * width + x]! += 1
          }
        }
        expect(seen.every((times) => times === 1)).toBe(true)
      }),
    )
  })

  it('shows each tile its whole margin, except where the picture ends', () => {
    fc.assert(
      fc.property(length, length, side, margin, (width, height, side, margin) => {
        for (const { core, view } of planTiles({ width, height }, side, margin)) {
          expect(view.x).toBe(Math.max(0, core.x - margin))
          expect(view.y).toBe(Math.max(0, core.y - margin))
          expect(right(view)).toBe(Math.min(width, right(core) + margin))
          expect(bottom(view)).toBe(Math.min(height, bottom(core) + margin))
        }
      }),
    )
  })

  it('goes from left to right, then down, and keeps a small picture whole', () => {
    const origins = planTiles({ width: 300, height: 200 }, 128, 10).map(({ core }) => [core.x, core.y])
    expect(origins).toEqual([0, 128].flatMap((y) => [0, 128, 256].map((x) => [x, y])))
    const whole = { x: 0, y: 0, width: 90, height: 60 }
    expect(planTiles({ width: 90, height: 60 }, 128, 10)).toEqual([{ core: whole, view: whole }])
  })
})
