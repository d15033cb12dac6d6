/**
 * Looks at a file while it passes: which type it has, and whether it is an image that claims too many pixels. Every file
 * from outside passes through one on its way into the store. Nothing is held back and nothing is decoded.
 */
import { Transform, type TransformCallback } from 'node:stream'
import type { ObjectReader } from '../port/object-store.ts'
import { imagePixels, JpegSize } from './media/image-pixels.ts'
import { settleMediaType, sniffMediaType } from './media/sniff-media-type.ts'

/** Enough for every signature and nearly every header. */
const HEAD_BYTES = 16 * 1024

const NOT_LIKE_THAT = 'its bytes do not begin like that'

export interface InspectionRules {
  /** The declared type, in lower case and without parameters. */
  contentType: string
  maxPixels: number
}

export type RefusalCode = 'type_mismatch' | 'too_many_pixels'

/** The file is not what it claims to be, or is too large to be looked at. The message is for whoever sent it. */
export class FileRefusedError extends Error {
  readonly code: RefusalCode

  constructor(code: RefusalCode, message: string) {
    super(message)
    this.name = 'FileRefusedError'
    this.code = code
  }
}

/** The findings about one file. Each method may throw FileRefusedError. */
export class FileLook {
  /** The type that the file has. It is final after the last byte. */
  contentType: string
  readonly #rules: InspectionRules
  /** The first bytes so far. Undefined once they were judged. */
  #head: Buffer[] | undefined = []
  #headBytes = 0
  #jpeg: JpegSize | undefined

  constructor(rules: InspectionRules) {
    this.#rules = rules
    this.contentType = rules.contentType
  }

  /** True when the rest of the file cannot tell anything more. */
  get decided(): boolean {
    return this.#head === undefined && this.#jpeg === undefined
  }

  /** Takes the chunks of the file, in order. */
  next(chunk: Buffer): void {
    if (!this.#head) return this.#follow(chunk)
    this.#head.push(chunk)
    this.#headBytes += chunk.length
    if (this.#headBytes >= HEAD_BYTES) this.#judge(Buffer.concat(this.#head))
  }

  /** Called after the last chunk. */
  end(): void {
    if (this.#head) this.#judge(Buffer.concat(this.#head))
  }

  #judge(head: Buffer): void {
    this.#head = undefined
    const { contentType } = this.#rules
    const shown = sniffMediaType(head)
    const type = settleMediaType(contentType, head, shown)
    if (type === undefined) {
      const what = shown !== undefined ? `its bytes are ${shown}` : head.length > 0 ? NOT_LIKE_THAT : 'it is empty'
      throw new FileRefusedError('type_mismatch', `the file is declared as ${contentType}, but ${what}`)
    }
    this.contentType = type
    if (shown === 'image/jpeg') {
      this.#jpeg = new JpegSize()
      this.#follow(head)
    } else if (shown !== undefined) this.#weigh(imagePixels(shown, head))
  }

  #follow(chunk: Buffer): void {
    this.#jpeg?.push(chunk)
    this.#weigh(this.#jpeg?.pixels)
    if (this.#jpeg?.done) this.#jpeg = undefined
  }

  #weigh(pixels: number | undefined): void {
    const { maxPixels } = this.#rules
    if (pixels === undefined || pixels <= maxPixels) return
    const millions = (count: number) => `${Math.ceil(count / 1e6)} million`
    const most = millions(maxPixels)
    throw new FileRefusedError('too_many_pixels', `the image has ${millions(pixels)} pixels, at most ${most} are taken`)
  }
}

/** Passes all bytes on. Fails with FileRefusedError as soon as a fault is known. */
export class FileInspection extends Transform {
  readonly look: FileLook

  constructor(rules: InspectionRules) {
    super()
    this.look = new FileLook(rules)
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.look.next(chunk)
    } catch (error) {
      done(error as Error)
      return
    }
    done(null, chunk)
  }

  override _flush(done: TransformCallback): void {
    try {
      this.look.end()
    } catch (error) {
      done(error as Error)
      return
    }
    done()
  }
}

/**
 * Looks at an object that a client wrote to the store by itself, and reads no more of it than it must. Resolves with its
 * type.
 */
export async function inspectObject(
  objects: Pick<ObjectReader, 'get'>,
  key: string,
  rules: InspectionRules,
): Promise<string> {
  const look = new FileLook(rules)
  // Leaving the loop destroys the stream.
  for await (const chunk of await objects.get(key)) {
    look.next(chunk as Buffer)
    if (look.decided) break
  }
  look.end()
  return look.contentType
}
