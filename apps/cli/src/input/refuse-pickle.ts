/** Refuses pickled input: unpickling runs code that the author of the file chose. Called wherever a command reads a file. */
import { closeSync, openSync, readSync } from 'node:fs'
import { extname } from 'node:path'
import { UsageError } from '../command/command-error.ts'

const EXTENSIONS = new Set(['.pkl', '.pickle', '.pck', '.pickled'])

/** Throws UsageError when the name or the first bytes show a pickle. `what` names the file in the message. */
export function refusePickle(what: string, path: string): void {
  if (EXTENSIONS.has(extname(path).toLowerCase()) || isPickle(firstBytes(path))) throw pickleRefused(what)
}

/** Protocols 2 to 5 begin like this. The two older ones are text that looks like any other text. */
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
