/** From the name of a backup to its archive: a folder, or a tar file by its ending; `-` is standard output. Called by the two commands. */
import { createWriteStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { CommandError } from '../command/command-error.ts'
import { type ArchiveReader, type ArchiveWriter, FILE_MODE } from './archive/archive.ts'
import { FolderReader, FolderWriter } from './archive/folder-archive.ts'
import { TarReader, TarWriter } from './archive/tar-archive.ts'

export async function createArchive(name: string): Promise<ArchiveWriter> {
  if (name === '-') return new TarWriter(process.stdout)
  if (!name.endsWith('.tar')) return FolderWriter.create(name)
  // Opened here, so that a file that exists is told before hours of work.
  const file = await open(name, 'wx', FILE_MODE).catch((error: unknown) => {
    throw new CommandError(
      'backup',
      `${name} cannot be made (${(error as NodeJS.ErrnoException).code}): name a new file in a folder that you may write to.`,
      { cause: error },
    )
  })
  return new TarWriter(createWriteStream(name, { fd: file, flush: true }))
}

export async function openArchive(name: string): Promise<ArchiveReader> {
  const found = await stat(name).catch((error: unknown) => {
    throw new CommandError('backup', `There is no backup at ${name}.`, { cause: error })
  })
  return found.isDirectory() ? new FolderReader(name) : new TarReader(name)
}
