/**
 * Finds the rows of a page that hold ink: each band is one line of text, or a block whose lines touch.
 * Pure arithmetic on a black and white picture; model.ts calls it through `scanPage`.
 */

/** A run of pixel rows, `top` included and `bottom` excluded. */
export interface TextBand {
  top: number
  bottom: number
}

export interface Bitmap {
  /** One byte a pixel, row by row: 0 is ink, anything else is paper. */
  pixels: Uint8Array
  width: number
  height: number
}

/** Rows with less ink than this are dust. */
const INK_PIXELS = 3
/** Lower bands than this are rules and dots, not text. */
const BAND_ROWS = 9

/** The bands of a page from top to bottom; empty for a blank one. */
export function findTextBands(page: Bitmap): TextBand[] {
  const bands: TextBand[] = []
  let top = -1
  for (let y = 0; y <= page.height; y++) {
    const ink = y < page.height && hasInk(page, y)
    if (ink && top < 0) top = y
    if (ink || top < 0) continue
    if (y - top >= BAND_ROWS) bands.push({ top, bottom: y })
    top = -1
  }
  return bands
}

/** True for a band so tall beside the others that it must hold several lines; also when there are under three to compare. */
export function holdsManyLines(band: TextBand, bands: readonly TextBand[]): boolean {
  const heights = bands.map(({ top, bottom }) => bottom - top).sort((a, b) => a - b)
  const median = heights[Math.floor((heights.length - 1) / 2)] ?? 0
  return bands.length < 3 || band.bottom - band.top > 2 * median
}

function hasInk({ pixels, width }: Bitmap, y: number): boolean {
  let ink = 0
  for (let at = y * width; at < (y + 1) * width; at++) {
    if (pixels[at] === 0 && ++ink >= INK_PIXELS) return true
  }
  return false
}
