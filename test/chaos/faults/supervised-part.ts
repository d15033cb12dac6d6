/** One API or worker that is started again whenever it ends, as an orchestrator would. The nemesis breaks it. */
import { appendFileSync } from 'node:fs'
import { type MillraceProcess, startMillrace } from '../../support/processes/millrace-process.ts'

export interface SupervisedPart {
  readonly name: string
  readonly role: 'api' | 'worker'
  /** Where it answers HTTP, the same after each start. */
  readonly url: string
  /** The process that runs now; starting, perhaps. */
  readonly process: MillraceProcess
  /** Stopped by a SIGSTOP at present, or asked to end. Set by the nemesis. */
  held: boolean
  /** Whether it says by itself that it can work. */
  isReady(): Promise<boolean>
  /** Asks it to end, for good; kills it when it takes longer than half a minute. */
  drain(): Promise<void>
  /** Kills it, for good. */
  stop(): Promise<void>
}

export interface PartEnd {
  part: string
  role: 'api' | 'worker'
  /** Unix time in milliseconds. */
  at: number
  /** Null when it was killed, 0 when it ended because it was asked to. */
  exitCode: number | null
  lastWords: Record<string, unknown>[]
}

export interface SupervisedPartOptions {
  name: string
  role: 'api' | 'worker'
  port: number
  env: Record<string, string>
  /** File that its log is added to whenever it ends. */
  logFile: string
  /** Hears of every end that `stop` did not cause. */
  onEnd(end: PartEnd): void
}

/** An unready part may be slow to say so; a frozen one says nothing. */
const PATIENCE_MS = 2000
const DRAINED_WITHIN_MS = 30_000

export function superviseNew({ name, role, port, env, logFile, onEnd }: SupervisedPartOptions): SupervisedPart {
  const portSetting = role === 'api' ? 'MILLRACE_PORT' : 'MILLRACE_WORKER_HEALTH_PORT'
  const url = `http://127.0.0.1:${port}`
  let stopping = false
  let current = start()

  function start(): MillraceProcess {
    const started = startMillrace(role, { ...env, [portSetting]: String(port) })
    void started.gone.then((exitCode) => {
      appendFileSync(logFile, started.log.map((line) => `${JSON.stringify(line)}\n`).join(''))
      if (stopping) return
      onEnd({ part: name, role, at: Date.now(), exitCode, lastWords: started.log.slice(-5) })
      part.held = false
      current = start()
    })
    return started
  }

  const part: SupervisedPart = {
    name,
    role,
    url,
    held: false,
    get process() {
      return current
    },
    async isReady() {
      if (part.held) return false
      try {
        const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(PATIENCE_MS) })
        await response.arrayBuffer()
        return response.ok
      } catch {
        return false
      }
    },
    async drain() {
      stopping = true
      const late = setTimeout(() => void current.kill('SIGKILL'), DRAINED_WITHIN_MS)
      await current.kill('SIGTERM')
      clearTimeout(late)
    },
    async stop() {
      stopping = true
      await current.kill('SIGKILL')
    },
  }
  return part
}
