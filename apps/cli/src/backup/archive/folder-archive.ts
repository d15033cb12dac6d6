/** A backup as a folder: a file for each entry. */
import { constants, createReadStream } from 'node:fs'
import { mkdir, open, readdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  ArchiveError,
  type ArchiveEntry,
  type ArchiveReader,
  type ArchiveWriter,
  checkName,
  FILE_MODE,
  FOLDER_MODE,
} from './archive.ts'
import { exactly } from './exactly.ts'

export class FolderWriter implements ArchiveWriter {
  readonly #root: string

  private constructor(root: string) {
    this.#root = root
  }

  /** The folder must be new or empty. */
  static async create(root: string): Promise<FolderWriter> {
    await mkdir(root, { recursive: true, mode: FOLDER_MODE })
    if ((await readdir(root)).length > 0) throw new ArchiveError(`${root} is not empty: name a new folder`)
    return new FolderWriter(root)
  }

  async add(name: string, size: number, body: Readable | Buffer): Promise<void> {
    const path = join(this.#root, checkName(name))
    await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE })
    const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, FILE_MODE)
    try {
      const source = Buffer.isBuffer(body) ? Readable.from([body]) : body
      await pipeline(source, exactly(size, name), (chunks: AsyncIterable<Buffer>) => writeFile(file, chunks))
      await file.sync()
    } finally {
      await file.close()
    }
  }

  async close(): Promise<void> {
    const folder = await open(this.#root)
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }

  async abandon(): Promise<void> {}
}

export class FolderReader implements ArchiveReader {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  async *entries(): AsyncGenerator<ArchiveEntry> {
    const inside = (await readdir(this.#root, { withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1))
    for (const part of inside) {
      if (!part.isDirectory()) yield await this.#entry(part.name)
      else
        for (const name of (await readdir(join(this.#root, part.name))).toSorted())
          yield await this.#entry(`${part.name}/${name}`)
    }
  }

  async #entry(name: string): Promise<ArchiveEntry> {
    const path = join(this.#root, checkName(name))
    const { size } = await stat(path)
    // Opened when it is read.
    return { name, size, body: Readable.from(createLater(path), { objectMode: false }) }
  }
}

async function* createLater(path: string): AsyncGenerator<Buffer> {
  yield* createReadStream(path) as AsyncIterable<Buffer>
}
