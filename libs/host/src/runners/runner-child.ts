/**
 * One runner process from its start to its end: pipes, frames, printed lines, signals. It knows the grammar of the protocol
 * and nothing about runs. `RunnerProcess` decides what a message means and when to kill.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { type HostMessage, type RunnerMessage, runnerMessageSchema, type PrintStream } from '@millrace/contracts'
import { FrameReader } from '@millrace/runner'
import { endFamily } from './family/end-family.ts'
import { guardFamily } from './family/guard-family.ts'
import { makeFamilyMark } from './family/make-family-mark.ts'
import { nextTurn } from './next-turn.ts'

/** The command to start. `env` is the whole environment of the process: it inherits nothing. */
export interface RunnerCommand {
  command: string
  args: string[]
  env: Record<string, string>
  cwd?: string
  /** How long it may take to say that it is ready or has failed. After that it counts as failed. Default: no limit. */
  setupTimeoutMs?: number
}

export interface Exit {
  exitCode: number | null
  signal: string | null
}

export interface RunnerChildEvents {
  onMessage(message: RunnerMessage): void
  /** It broke the protocol. Nothing that it says afterwards is heard. */
  onFault(message: string): void
  /** A piece of printed text, cut anywhere. */
  onPrinted(stream: PrintStream, chunk: Buffer): void
  /** The process is gone, and everything that it wrote before has been handed over. */
  onExit(exit: Exit): void
}

/** A child of the model may hold its pipes open. After this time, the end of the process alone counts. Milliseconds. */
const LAST_WORDS_MS = 500

export class RunnerChild {
  readonly #process: ChildProcess
  readonly #events: RunnerChildEvents
  readonly #mark = makeFamilyMark()
  readonly #unguard: () => void
  /** Resolves after `onExit`. */
  readonly exited: Promise<void>
  /** When it last said anything, in milliseconds of performance.now(). */
  lastHeard = performance.now()
  /** Frames that wait for the end of this turn. */
  readonly #together: string[] = []
  #deaf = false
  #gone = false
  #setupTimer: NodeJS.Timeout | undefined

  constructor(command: RunnerCommand, events: RunnerChildEvents) {
    this.#events = events
    this.#process = spawn(command.command, command.args, {
      env: { ...command.env, ...this.#mark.env },
      cwd: command.cwd,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      // It gets a process group of its own, so that the processes that it started can be ended with it.
      detached: true,
    })
    this.#unguard = guardFamily(this.#process.pid, this.#mark.text)
    const [, stdout, stderr, toChild, fromChild] = this.#process.stdio
    for (const stream of this.#process.stdio) stream?.on('error', () => {})
    stdout?.on('data', (chunk: Buffer) => events.onPrinted('stdout', chunk))
    stderr?.on('data', (chunk: Buffer) => events.onPrinted('stderr', chunk))
    // Nothing comes through this pipe, but unless it is read its end is never noticed.
    ;(toChild as Readable | undefined)?.resume()
    this.#readFrames(fromChild as Readable | undefined)
    this.#limitSetup(command.setupTimeoutMs)
    this.exited = this.#untilGone().then(async (exit) => {
      await endFamily(this.#mark.text)
      this.#unguard()
      // Its named pipes (follow-pipe.ts) must be read once more, too.
      await nextTurn()
      this.#gone = true
      clearTimeout(this.#setupTimer)
      events.onExit(exit)
    })
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Writes one frame. The caller holds a bounded number of runs, each of at most one frame, so no more than that ever waits here. */
  sendFrame(frame: string): void {
    const pipe = this.#process.stdio[3] as Writable | null | undefined
    if (pipe?.writable) pipe.write(`${frame}\n`)
  }

  /** The same for all that come in this turn of the loop at once, so that the process finds them together. */
  sendTogether(frame: string): void {
    if (this.#together.push(frame) === 1) setImmediate(() => this.sendFrame(this.#together.splice(0).join('\n')))
  }

  send(message: HostMessage): void {
    this.sendFrame(JSON.stringify(message))
  }

  /**
   * Ends the process with SIGTERM, and with SIGKILL `termMs` later if it still runs. Resolves when it is gone. It may be
   * called twice.
   */
  async kill(termMs: number): Promise<void> {
    if (this.#gone) return
    if (termMs <= 0) this.#process.kill('SIGKILL')
    else this.#process.kill('SIGTERM')
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), termMs)
    await this.exited
    clearTimeout(timer)
  }

  #limitSetup(timeoutMs: number | undefined): void {
    if (timeoutMs === undefined) return
    const message = `it was not loaded after ${timeoutMs / 1000} s (\`setup_timeout\` in millrace.yaml)`
    this.#setupTimer = setTimeout(() => this.#events.onMessage({ type: 'setup_failed', message }), timeoutMs)
  }

  #readFrames(stream: Readable | undefined): void {
    const frames = new FrameReader(
      (text) => this.#hear(text),
      () => this.#fault('it sent a frame that is too large'),
    )
    stream?.on('data', (chunk: Buffer) => {
      this.lastHeard = performance.now()
      frames.push(chunk)
    })
  }

  #hear(text: string): void {
    if (this.#deaf) return
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      return this.#fault('it sent a frame that is not JSON')
    }
    const parsed = runnerMessageSchema.safeParse(json)
    if (!parsed.success) return this.#fault('it sent a frame that is no message of the runner protocol')
    if (parsed.data.type === 'ready' || parsed.data.type === 'setup_failed') clearTimeout(this.#setupTimer)
    this.#events.onMessage(parsed.data)
  }

  #fault(message: string): void {
    if (this.#deaf) return
    this.#deaf = true
    this.#events.onFault(message)
  }

  /** Kills the processes that the model left behind: they may hold memory of the device that the next process needs. */
  #endGroup(): void {
    try {
      if (this.#process.pid !== undefined) process.kill(-this.#process.pid, 'SIGKILL')
    } catch {
      // There were none.
    }
  }

  #untilGone(): Promise<Exit> {
    return new Promise((resolve) => {
      this.#process.once('error', () => {
        if (this.#process.pid === undefined) resolve({ exitCode: null, signal: null })
      })
      this.#process.once('exit', (exitCode, signal) => {
        this.#endGroup()
        const settle = () => resolve({ exitCode, signal })
        const timer = setTimeout(settle, LAST_WORDS_MS)
        this.#process.once('close', () => {
          clearTimeout(timer)
          settle()
        })
      })
    })
  }
}
