/**
 * Makes a picture larger tile by tile, so that memory stays small and a cancel is heard. Called by the model's
 * predict.
 */
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { Network, Pixels } from '../network/network.ts'
import { type Box, planTiles } from './plan-tiles.ts'

export interface UpscaleOptions {
  network: Network
  /** Pixels of a tile's sides, before scaling. */
  side: number
  /** Aborts between two tiles. */
  signal: AbortSignal
  /** Called after each tile; `done` counts from 1. */
  onTile(done: number, of: number): void
}

/** Gives what the network would give for the whole picture at once. Rejects with the signal's reason when aborted. */
export async function upscalePixels(picture: Pixels, options: UpscaleOptions): Promise<Pixels> {
  const { network, side, signal, onTile } = options
  const { scale, margin } = network
  const whole = blank(picture.width * scale, picture.height * scale)
  const tiles = planTiles(picture, side, margin)
  for (const [index, { core, view }] of tiles.entries()) {
    // A tile blocks the process: the message that cancels is read in the turn, and acted on before the next tile.
    await turnOfTheLoop()
    signal.throwIfAborted()
    const seen = blank(view.width, view.height)
    copyBox(picture, view, seen, { x: 0, y: 0 })
    const larger = await network.upscale(seen)
    const inside = scaled({ ...core, x: core.x - view.x, y: core.y - view.y }, scale)
    copyBox(larger, inside, whole, scaled(core, scale))
    onTile(index + 1, tiles.length)
  }
  return whole
}

const blank = (width: number, height: number): Pixels => ({ width, height, rgb: new Uint8Array(width * height * 3) })

const scaled = ({ x, y, width, height }: Box, scale: number): Box => ({
  x: x * scale,
  y: y * scale,
  width: width * scale,
  height: height * scale,
})

/** Copies the pixels of a box to where its top left corner goes. */
function copyBox(from: Pixels, box: Box, to: Pixels, corner: { x: number; y: number }): void {
  for (let row = 0; row < box.height; row++) {
    const start = 3 * ((box.y + row) * from.width + box.x)
    const target = 3 * ((corner.y + row) * to.width + corner.x)
    to.rgb.set(from.rgb.subarray(start, start + 3 * box.width), target)
  }
}
