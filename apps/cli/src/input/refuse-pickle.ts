/** Pickled input is not taken: whoever unpickles it runs what its author wrote. Called wherever a command reads a file. */
import { closeSync, openSync, readSync } from 'node:fs'
import { extname } from 'node:path'
import { UsageError } from '../command/command-error.ts'

const EXTENSIONS = new Set(['.pkl', '.pickle', '.pck', '.pickled'])

/** Throws UsageError for a file that is a pickle by its name or its first bytes. `what` names it in the message. */
export function refusePickle(what: string, path: string): void {
  if (EXTENSIONS.has(extname(path).toLowerCase()) || isPickle(firstBytes(path))) throw pickleRefused(what)
}

/** Protocols 2 to 5 begin like this; the older two are text that can be told from no other text. */
export const isPickle = (bytes: Uint8Array): boolean =>
  bytes.length >= 2 && bytes[0] === 0x80 && (bytes[1] ?? 0) >= 2 && (bytes[1] ?? 0) <= 5

export const pickleRefused = (what: string): UsageError =>
  new UsageError(
    `${what} is a pickle, and pickles are not taken: opening one runs whatever code its author put into it.\n` +
      'Send values as JSON (key:=json, or --json), arrays as a .npy file, tables as .csv, pictures and sound as they are.',
  )

function firstBytes(path: string): Buffer {
  const bytes = Buffer.alloc(2)
  const descriptor = openSync(path, 'r')
  try {
    return bytes.subarray(0, readSync(descriptor, bytes))
  } finally {
    closeSync(descriptor)
  }
}
