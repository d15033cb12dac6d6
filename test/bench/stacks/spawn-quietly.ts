/** A process whose output goes to a file: a pipe would make the bench read it, on the cores that are measured. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { until } from '../../support/until.ts'

export interface QuietProcess {
  readonly pid: number
  /** What it has printed so far. */
  output(): string
  /** Resolves with what the first group of the pattern matched in its output. Rejects when it ends before, or after 60 s. */
  printed(pattern: RegExp): Promise<string>
  /** Resolves when it is gone. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

export interface QuietOptions {
  args: string[]
  env: Record<string, string>
  logFile: string
  cwd?: string
  /** A process group of its own, which `stop` ends as a whole. */
  group?: boolean
}

export function spawnQuietly(program: string, { args, env, logFile, cwd, group = false }: QuietOptions): QuietProcess {
  const log = openSync(logFile, 'w')
  const own = { PATH: process.env.PATH, HOME: process.env.HOME, ...env }
  const child = spawn(program, args, { cwd, env: own, stdio: ['ignore', log, log], detached: group })
  closeSync(log)
  const ended = once(child, 'exit').then(() => undefined)
  const end = (): void => endOf(child, group)
  process.once('exit', end)
  const output = () => readFileSync(logFile, 'utf8')
  return {
    pid: child.pid as number,
    output,
    ended,
    printed: (pattern) =>
      until(
        `${args.at(-1)} prints ${pattern}`,
        () => {
          const text = output()
          const match = pattern.exec(text)
          if (!match && child.exitCode !== null) throw new Error(`${args.join(' ')} ended: ${text.slice(-2000)}`)
          return match?.[1]
        },
        { timeoutMs: 60_000 },
      ),
    async stop() {
      process.off('exit', end)
      if (child.exitCode !== null || child.signalCode !== null) return
      end()
      await ended
    },
  }
}

function endOf(child: ChildProcess, group: boolean): void {
  if (child.pid === undefined || child.exitCode !== null) return
  try {
    process.kill(group ? -child.pid : child.pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}
