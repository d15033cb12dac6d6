/**
 * Puts JSON values in place of nulls at given pointers, in text that streams by: a file's view into an output of any
 * size, without ever holding the output. The text must be valid JSON; the platform itself wrote it.
 */

interface Frame {
  isArray: boolean
  /** The array index or, escaped for a pointer, the key that comes now. */
  step: string
  index: number
}

/** Takes text in pieces of any length and gives it back with the nulls replaced. */
export class JsonSplicer {
  readonly #values: ReadonlyMap<string, string>
  readonly #stack: Frame[] = []
  /** Raw text of the key being read; undefined when the string is a value. */
  #key: string | undefined
  #inString = false
  #escaped = false
  #keyComes = false
  /** Characters of a replaced null that have not come yet. */
  #skip = 0

  /** @param values JSON text by pointer. */
  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values
  }

  push(chunk: string): string {
    let out = ''
    let from = Math.min(this.#skip, chunk.length)
    this.#skip -= from
    for (let i = from; i < chunk.length; i++) {
      const char = chunk[i] as string
      if (this.#inString) this.#readString(char)
      else if (char === 'n') {
        const value = this.#values.get(this.#pointer())
        if (value === undefined) continue
        out += chunk.slice(from, i) + value
        from = Math.min(i + 4, chunk.length)
        this.#skip = i + 4 - from
        i = from - 1
      } else this.#readToken(char)
    }
    return out + chunk.slice(from)
  }

  #readString(char: string): void {
    if (this.#escaped) this.#escaped = false
    else if (char === '\\') this.#escaped = true
    else if (char === '"') return this.#endString()
    if (this.#key !== undefined) this.#key += char
  }

  #endString(): void {
    this.#inString = false
    const frame = this.#stack.at(-1)
    if (this.#key === undefined || !frame) return
    const key: string = JSON.parse(`"${this.#key}"`)
    frame.step = key.replaceAll('~', '~0').replaceAll('/', '~1')
    this.#key = undefined
  }

  #readToken(char: string): void {
    const frame = this.#stack.at(-1)
    if (char === '"') {
      this.#inString = true
      this.#key = this.#keyComes ? '' : undefined
    } else if (char === '{' || char === '[') {
      const isArray = char === '['
      this.#stack.push({ isArray, step: '0', index: 0 })
      this.#keyComes = !isArray
    } else if (char === '}' || char === ']') {
      this.#stack.pop()
      this.#keyComes = false
    } else if (char === ':') this.#keyComes = false
    else if (char === ',' && frame) {
      this.#keyComes = !frame.isArray
      if (frame.isArray) frame.step = String(++frame.index)
    }
  }

  #pointer(): string {
    return this.#stack.map((frame) => `/${frame.step}`).join('')
  }
}

/** The same over a stream of UTF-8. */
export async function* spliceJson(
  chunks: AsyncIterable<Uint8Array>,
  values: ReadonlyMap<string, string>,
): AsyncGenerator<Buffer> {
  const splicer = new JsonSplicer(values)
  const decoder = new TextDecoder()
  for await (const chunk of chunks) {
    // A piece may end in the middle of a character.
    const text = splicer.push(decoder.decode(chunk, { stream: true }))
    if (text !== '') yield Buffer.from(text)
  }
}
