/** The server of an original, in a process of its own on a free port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { until } from '../../support/until.ts'

export interface OriginalServer {
  python: string
  /** The model's files by name. */
  files: Record<string, string>
  /** Of the interpreter. */
  args: (port: number) => string[]
  env: (port: number, folder: string) => Record<string, string>
  /** A path, and what is in its answer once the model is there. */
  ready: [path: string, text: string]
}

export async function startOriginal(server: OriginalServer): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-original-'))
  for (const [name, text] of Object.entries(server.files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const port = await freePort()
  // What it starts by name is to be found beside its Python.
  const env = { PATH: `${dirname(server.python)}${delimiter}${process.env.PATH}`, ...server.env(port, folder) }
  const child = spawn(server.python, server.args(port), { cwd: folder, env, stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  const stop = async (): Promise<void> => {
    await ended(child)
    rmSync(folder, { recursive: true, force: true })
  }
  const isReady = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    const answer = await fetch(`${url}${server.ready[0]}`).catch(() => undefined)
    return (await answer?.text())?.includes(server.ready[1]) ?? false
  }
  try {
    await until('the server is ready', isReady, { timeoutMs: 60_000, everyMs: 50 })
  } catch (error) {
    await stop()
    throw error
  }
  return { url, stop }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}
