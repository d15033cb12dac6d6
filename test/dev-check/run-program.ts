/** Runs one of the tools of this repository to its end. Called by main.ts. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

export interface Ended {
  ok: boolean
  /** All that it printed; for people, and only when it fails. */
  output: string
}

/** A program of node_modules/.bin, with colors where a person looks. */
export async function runProgram(root: string, program: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(join(root, 'node_modules', '.bin', program), args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) },
  })
  const ended = new Promise<boolean>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code === 0))
  })
  const [ok, printed, complained] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { ok, output: `${printed}\n${complained}`.trim() }
}
