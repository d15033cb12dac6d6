/**
 * Cuts a picture into tiles that a network can take one by one, each with the surroundings it needs.
 * Pure arithmetic; called by `upscalePixels`.
 */

/** In pixels, from the top left corner of the picture. */
export interface Box {
  x: number
  y: number
  width: number
  height: number
}

export interface Tile {
  /** The part of the picture that this tile answers for. */
  core: Box
  /** The core with the margin around it, as far as the picture goes: what the network is shown. */
  view: Box
}

/**
 * Tiles from left to right, then from top to bottom. Their cores cover the picture exactly once. A tile is `side` pixels
 * wide and high, less at the right and bottom edges. Sizes are whole numbers, at least 1; a margin may be 0.
 */
export function planTiles({ width, height }: { width: number; height: number }, side: number, margin: number): Tile[] {
  const tiles: Tile[] = []
  for (let y = 0; y < height; y += side) {
    for (let x = 0; x < width; x += side) {
      const right = Math.min(width, x + side)
      const bottom = Math.min(height, y + side)
      const left = Math.max(0, x - margin)
      const top = Math.max(0, y - margin)
      tiles.push({
        core: { x, y, width: right - x, height: bottom - y },
        view: {
          x: left,
          y: top,
          width: Math.min(width, right + margin) - left,
          height: Math.min(height, bottom + margin) - top,
        },
      })
    }
  }
  return tiles
}
