/**
 * Reads what is piped into the command, for `key=@-`. It is kept whole, so that it can be sent again when the connection
 * breaks. Called by read-input.ts.
 */
import { fstatSync, readSync } from 'node:fs'
import { isatty } from 'node:tty'
import { UsageError } from '../command/command-error.ts'

const MOST_BYTES = 256 * 1024 * 1024
const CHUNK = 64 * 1024
/** The time between two looks at a pipe that has no data yet. Milliseconds. */
const PAUSE_MS = 5

let owner: string | undefined

/**
 * Returns all bytes of standard input for this key. A command has only one standard input, so a second key is refused.
 * Throws UsageError.
 */
export function readStandardInput(key: string): Buffer {
  if (owner !== undefined) throw new UsageError(`${key}: standard input was read for ${owner} already`)
  if (isatty(0)) throw new UsageError(`${key}: nothing is piped in: write ${key}=@path, or pipe a file`)
  owner = key
  const chunks: Buffer[] = []
  let size = 0
  for (let chunk = readChunk(key); chunk.length > 0; chunk = readChunk(key)) {
    size += chunk.length
    if (size > MOST_BYTES) throw new UsageError(`${key}: more than 256 MB come in: write it to a file, and give that`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Empty at the end of the input. */
function readChunk(key: string): Buffer {
  const bytes = Buffer.alloc(CHUNK)
  for (;;) {
    try {
      return bytes.subarray(0, readSync(0, bytes))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EOF') return bytes.subarray(0, 0)
      // Node may have switched the pipe to non-blocking.
      if (code !== 'EAGAIN') throw new UsageError(`${key}: standard input cannot be read (${code})`, { cause: error })
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
    }
  }
}

/** True when a path means standard input. */
export const isStandardInput = (path: string): boolean => path === '-' || (path === '/dev/stdin' && isOpen())

function isOpen(): boolean {
  try {
    fstatSync(0)
    return true
  } catch {
    return false
  }
}
