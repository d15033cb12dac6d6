/** Runs the `millrace` program as a process of its own. Called by tests that use it as a user does. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { until } from '../until.ts'

const BIN = fileURLToPath(new URL('../../../apps/cli/bin/millrace.mjs', import.meta.url))
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

export interface MillraceProcess {
  readonly child: ChildProcess
  /** The lines of its log, parsed. A line that is not JSON is in `text`. */
  readonly log: Record<string, unknown>[]
  /** The address of its API, once it listens. */
  url(): Promise<string>
  /** Sends a signal to this process alone. Resolves when the process is gone (SIGSTOP and SIGCONT: at once). */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Resolves when the process is gone, with its exit code, or null after a signal. */
  readonly gone: Promise<number | null>
}

interface StartOptions {
  /** Default: the Node of this process. */
  node?: string
  /** Path of the program. Default: that of the clone. */
  program?: string
  /** Default: the clone. */
  cwd?: string
}

/** Starts `millrace <command>` in a process of its own, as a user would. */
export function startMillrace(
  command: string,
  env: Record<string, string>,
  { node = process.execPath, program = BIN, cwd = ROOT }: StartOptions = {},
): MillraceProcess {
  const child = spawn(node, [program, command], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LOG_FORMAT: 'json', MILLRACE_PORT: '0', ...env },
  })
  const log: Record<string, unknown>[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => log.push(parse(line)))
  }
  const gone = once(child, 'exit').then(([code]) => code as number | null)
  const endWithUs = (): boolean => child.kill('SIGKILL')
  process.once('exit', endWithUs)
  void gone.then(() => process.off('exit', endWithUs))
  return {
    child,
    log,
    gone,
    url: () =>
      until(
        `millrace ${command} listens`,
        () => {
          if (child.exitCode !== null) throw new Error(`millrace ${command} ended: ${JSON.stringify(log.slice(-5))}`)
          return log.find((line) => typeof line.url === 'string')?.url as string | undefined
        },
        { timeoutMs: 30_000 },
      ),
    async kill(signal) {
      child.kill(signal)
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await gone
    },
  }
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return { text: line }
  }
}
