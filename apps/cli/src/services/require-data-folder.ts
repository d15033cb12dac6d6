/** Makes sure that the data folder can be used. Commands that write to it call this before they start. */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '@millrace/process'
import { CommandError } from '../command/command-error.ts'
import { whyUnwritable } from '../doctor/check-data-folder.ts'

/** The folders inside it: stored files, the embedded Redis, the folders of attempts. */
const PARTS = ['files', 'redis', 'work']

/**
 * Makes the folder when it is missing. Rejects with CommandError, in one sentence, when this process can't write to it or to
 * the folders that an earlier process made in it.
 */
export async function requireDataFolder({ dataDir }: Pick<Config, 'dataDir'>): Promise<void> {
  const fault = await mkdir(dataDir, { recursive: true }).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code ?? 'unknown',
  )
  if (fault !== undefined) throw unwritable(dataDir, fault)
  const places = [dataDir, ...PARTS.map((part) => join(dataDir, part)).filter((place) => existsSync(place))]
  for (const place of places) {
    const why = await whyUnwritable(place)
    if (why !== undefined) throw unwritable(place, why)
  }
}

const unwritable = (place: string, why: string): CommandError =>
  new CommandError(
    'data_folder',
    `The data folder ${place} cannot be written to (${why}): set MILLRACE_DATA_DIR to a folder that this user may write to, or change its owner.`,
  )
