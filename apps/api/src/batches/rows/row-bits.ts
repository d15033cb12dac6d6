/** Rows of a batch as a bit for each, which takes 6 KB for as many as there may be. Used where some rows are meant and others are not. */

export class RowBits {
  readonly #bytes: Buffer

  constructor(text: string | null, rows = 0) {
    this.#bytes = text === null ? Buffer.alloc(Math.ceil(rows / 8)) : Buffer.from(text, 'base64')
  }

  has(row: number): boolean {
    return ((this.#bytes[row >> 3] ?? 0) & (1 << (row & 7))) !== 0
  }

  add(row: number): void {
    this.#bytes[row >> 3] = (this.#bytes[row >> 3] ?? 0) | (1 << (row & 7))
  }

  /** How many rows there is room for. */
  get size(): number {
    return this.#bytes.length * 8
  }

  get count(): number {
    let count = 0
    for (const byte of this.#bytes) for (let bits = byte; bits > 0; bits &= bits - 1) count++
    return count
  }

  toString(): string {
    return this.#bytes.toString('base64')
  }
}
