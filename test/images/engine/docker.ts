/** The docker program, as the steps of this suite call it. Made by find-engine.ts. */
import { execFile } from 'node:child_process'

export interface RunOptions {
  cwd?: string
  /** On top of the environment of the engine. */
  env?: Record<string, string>
  timeoutMs?: number
}

const LONGEST_MS = 900_000
const KEPT_LINES = 12

export class Docker {
  readonly #program: string
  readonly #env: NodeJS.ProcessEnv

  /** `env` says where the engine listens. */
  constructor(program: string, env: NodeJS.ProcessEnv) {
    this.#program = program
    this.#env = env
  }

  /** What it printed, without the last line break. Rejects with its last lines. */
  run(args: string[], { cwd, env, timeoutMs = LONGEST_MS }: RunOptions = {}): Promise<string> {
    const options = { cwd, env: { ...this.#env, ...env }, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 }
    return new Promise((resolve, reject) => {
      execFile(this.#program, args, options, (error, stdout, stderr) => {
        if (!error) return resolve(stdout.trimEnd())
        const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-KEPT_LINES).join('\n')
        reject(new Error(`docker ${args.slice(0, 4).join(' ')} … failed (${error.code ?? error.signal}):\n${said}`))
      })
    })
  }

  /** True when it ends with 0. */
  succeeds(args: string[], options?: RunOptions): Promise<boolean> {
    return this.run(args, options).then(
      () => true,
      () => false,
    )
  }

  /** The version of the engine; undefined when none answers. */
  engineVersion(): Promise<string | undefined> {
    return this.run(['version', '--format', '{{.Server.Version}}'], { timeoutMs: 10_000 }).catch(() => undefined)
  }
}
