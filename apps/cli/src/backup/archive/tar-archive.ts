/** A backup as one tar file (POSIX ustar), which `tar` reads too. It is written from front to end, so it may go through a pipe. */
import { createReadStream } from 'node:fs'
import { Readable, type Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { ArchiveError, type ArchiveEntry, type ArchiveReader, type ArchiveWriter, checkName } from './archive.ts'
import { exactly } from './exactly.ts'

const BLOCK = 512
const CHECKSUM_AT = 148
/** The most that eleven octal digits can say. */
const MOST_OCTAL = 8 ** 11 - 1

export class TarWriter implements ArchiveWriter {
  readonly #out: Writable

  constructor(out: Writable) {
    this.#out = out
  }

  async add(name: string, size: number, body: Readable | Buffer): Promise<void> {
    await this.#write(headerOf(checkName(name), size))
    const source = Buffer.isBuffer(body) ? Readable.from([body]) : body
    await pipeline(source, exactly(size, name), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) await this.#write(chunk)
    })
    await this.#write(Buffer.alloc(padding(size)))
  }

  async close(): Promise<void> {
    await this.#write(Buffer.alloc(2 * BLOCK))
    this.#out.end()
    await finished(this.#out)
  }

  async abandon(): Promise<void> {
    this.#out.destroy()
  }

  #write(chunk: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#out.write(chunk, (error) => (error ? reject(error) : resolve()))
    })
  }
}

export class TarReader implements ArchiveReader {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  async *entries(): AsyncGenerator<ArchiveEntry> {
    const bytes = new ByteQueue(createReadStream(this.#path, { highWaterMark: 1024 * 1024 }))
    try {
      for (;;) {
        const header = await bytes.take(BLOCK)
        if (header.every((byte) => byte === 0)) return
        const { name, size } = readHeader(header)
        let left = size
        const body = Readable.from(
          (async function* () {
            while (left > 0) {
              const chunk = await bytes.some(left)
              left -= chunk.length
              yield chunk
            }
          })(),
          { objectMode: false, highWaterMark: 1 },
        )
        yield { name, size, body }
        // What nobody has read of it.
        for await (const _ of body);
        while (left > 0) left -= (await bytes.some(left)).length
        await bytes.take(padding(size))
      }
    } finally {
      bytes.close()
    }
  }
}

/** The bytes of a stream, taken in pieces of a chosen size. */
class ByteQueue {
  readonly #stream: Readable
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(stream: Readable) {
    this.#stream = stream
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  /** At least one byte and at most so many. */
  async some(most: number): Promise<Buffer> {
    if (this.#rest.length === 0) {
      const next = await this.#chunks.next()
      if (next.done === true) throw new ArchiveError('The archive ends too soon: it was not written to its end')
      this.#rest = next.value
    }
    const taken = this.#rest.subarray(0, most)
    this.#rest = this.#rest.subarray(taken.length)
    return taken
  }

  async take(count: number): Promise<Buffer> {
    const parts: Buffer[] = []
    for (let left = count; left > 0; ) {
      const part = await this.some(left)
      parts.push(part)
      left -= part.length
    }
    return Buffer.concat(parts)
  }

  close(): void {
    this.#stream.destroy()
  }
}

const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK

function headerOf(name: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK)
  header.write(name, 0, 100, 'latin1')
  header.write('0000600\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  if (size <= MOST_OCTAL) header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  else {
    // As GNU tar says a size above 8 GiB: the number itself, marked by the first bit.
    header.writeBigUInt64BE(BigInt(size), 128)
    header[124] = 0x80
  }
  header.write('00000000000\0', 136)
  header.write('        ', CHECKSUM_AT)
  header.write('0', 156)
  header.write('ustar\0', 257)
  header.write('00', 263)
  header.write(`${sumOf(header).toString(8).padStart(6, '0')}\0 `, CHECKSUM_AT)
  return header
}

function readHeader(header: Buffer): { name: string; size: number } {
  const told = Number.parseInt(header.toString('latin1', CHECKSUM_AT, CHECKSUM_AT + 8), 8)
  const blank = Buffer.from(header)
  blank.write('        ', CHECKSUM_AT)
  if (told !== sumOf(blank)) throw new ArchiveError('This is no tar file, or it is damaged')
  const name = header.toString('latin1', 0, header.indexOf(0))
  const isLong = (header[124]! & 0x80) !== 0
  const size = isLong ? Number(header.readBigUInt64BE(128)) : Number.parseInt(header.toString('latin1', 124, 136), 8)
  if (!Number.isSafeInteger(size) || size < 0) throw new ArchiveError(`The size of ${name} cannot be read`)
  return { name: checkName(name), size }
}

const sumOf = (header: Buffer): number => header.reduce((sum, byte) => sum + byte, 0)
