/**
 * Makes sure that only one process at a time uses a folder. The owner listens on a loopback port and writes the port to a
 * file in the folder. The kernel frees a port however its process dies, so a lock never outlives its owner. A process number
 * would not do: a container gives the same numbers again. Called by embedded-redis.ts.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { CommandError } from '../command/command-error.ts'

interface Owner {
  pid: number
  port: number
  token: string
}

/** Another process is alive and uses the folder. */
export class FolderInUseError extends CommandError {
  constructor(folder: string, pid: number) {
    super(
      'data_folder_in_use',
      `${folder} is in use by another Millrace (process ${pid}): stop that one, or set MILLRACE_DATA_DIR`,
    )
    this.name = 'FolderInUseError'
  }
}

const FILE = 'owner.json'
const ANSWER_MS = 1_000

/** Locks the folder, which must exist. Resolves with a function that unlocks it. Throws FolderInUseError. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, FILE)
  const token = randomBytes(16).toString('hex')
  const server = createServer((socket) => socket.on('error', () => undefined).end(token))
  const port = await listen(server)
  const mine = JSON.stringify({ pid: process.pid, port, token } satisfies Owner)
  try {
    while (!writeNew(path, mine)) await removeStale(folder, path)
  } catch (error) {
    server.close()
    throw error
  }
  server.unref()
  return async () => {
    if (read(path) === mine) rmSync(path, { force: true })
    await new Promise((resolve) => server.close(resolve))
  }
}

/** Removes the note of an owner that is gone. Throws when the owner is alive. */
async function removeStale(folder: string, path: string): Promise<void> {
  const note = await readWhole(path)
  if (note === undefined) return
  const owner = parse(note)
  if (owner && (await isAlive(owner))) throw new FolderInUseError(folder, owner.pid)
  const aside = `${path}.${randomBytes(4).toString('hex')}`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  // Another process may have become the owner between the question and the rename. Then its note is put back.
  if (read(aside) !== note) writeNew(path, read(aside) ?? '')
  rmSync(aside, { force: true })
}

/** An owner that is frozen accepts the connection but does not answer. It counts as alive. */
function isAlive(owner: Owner): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: owner.port })
    let text = ''
    const settle = (alive: boolean) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(alive)
    }
    const timer = setTimeout(() => settle(owner.token.startsWith(text)), ANSWER_MS)
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    socket.on('end', () => settle(text === owner.token))
    socket.on('error', () => settle(false))
  })
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })

function writeNew(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** A note that is being written is empty for a moment, so it is read again. */
async function readWhole(path: string): Promise<string | undefined> {
  for (let tries = 0; tries < 20; tries++) {
    const text = read(path)
    if (text === undefined || parse(text)) return text
    await delay(25)
  }
  return read(path)
}

function parse(text: string): Owner | undefined {
  try {
    const { pid, port, token } = JSON.parse(text) as Partial<Owner>
    return typeof pid === 'number' && typeof port === 'number' && typeof token === 'string'
      ? { pid, port, token }
      : undefined
  } catch {
    return undefined
  }
}
