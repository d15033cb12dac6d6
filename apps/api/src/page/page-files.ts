/** The files of the web page, read when the first browser asks, packed once and kept. Called by page-routes.ts. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { ReadPage } from '../http/api-deps.ts'
import { type Text, toText } from '../http/text/send-text.ts'

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
}

export interface KeptFile {
  plain: Text
  /** By gzip. */
  packed: Text
}

export class PageFiles {
  readonly #read: ReadPage
  #kept: Promise<Map<string, KeptFile>> | undefined

  constructor(read: ReadPage) {
    this.#read = read
  }

  /** Undefined when there is none of that name. Rejects when the page cannot be made; the next call tries again. */
  async get(name: string): Promise<KeptFile | undefined> {
    this.#kept ??= this.#keep()
    try {
      return (await this.#kept).get(name)
    } catch (error) {
      this.#kept = undefined
      throw error
    }
  }

  async #keep(): Promise<Map<string, KeptFile>> {
    const pack = promisify(gzip)
    const files = await this.#read()
    const kept = files.map(async ({ name, bytes }) => {
      const type = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
      return [name, { plain: toText(type, bytes), packed: toText(type, await pack(bytes, { level: 9 })) }] as const
    })
    return new Map(await Promise.all(kept))
  }
}
