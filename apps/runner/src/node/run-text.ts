/**
 * Assigns printed text to the run that printed it, in the process of a TypeScript model. When a run has ended, text from
 * code that it left behind is dropped. A process that the run starts with our own output (`stdio: 'inherit'`) gets named
 * pipes in the run's folder instead. The worker reads them, so that process may go on printing. When a process holds several
 * runs, the worker cannot tell which run printed a line in its pipe. Then the text is sent with the id of the run. Used by
 * node-runner-main.ts and model-process.ts.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { ChildProcess, execFileSync, type StdioOptions } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import type { PrintStream } from '@millrace/contracts'

/** The most bytes in one message to the worker. Even when they are escaped as JSON, they must fit into a frame. */
const PIECE_BYTES = 64 * 1024

export interface PrintingRun {
  workDir: string
  /** Tells the worker that this stream of the run also comes from that named pipe. */
  printTo(stream: PrintStream, path: string): void
  /**
   * Sends a piece of the printed text to the worker. Left out for the only run of a process: then the worker reads the text
   * from the pipe of the process.
   */
  print?(stream: PrintStream, text: string): void
  /** Set once it, or a process that it started, may have printed. */
  hasPrinted?: boolean
}

interface RunText extends PrintingRun {
  ended: boolean
  /** Needed because a character may be printed in two pieces; made for those that print. */
  decoders?: Record<PrintStream, StringDecoder>
  /** The writing ends of its named pipes, by the descriptor in the child. */
  pipes?: Record<1 | 2, number | 'inherit'>
}

const runs = new AsyncLocalStorage<RunText>()
/**
 * The reading ends of pipes whose run has ended. A pipe without a reader cannot be written to, so they stay open until the
 * worker has opened its own.
 */
const readers = { open: [] as number[], toClose: [] as number[] }

/** Starts to assign printed text to runs. Called once per process, before the model is loaded. */
export function keepTextOfRuns(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name]
    const write = stream.write.bind(stream) as (...given: unknown[]) => boolean
    stream.write = (...given: unknown[]) => {
      const run = runs.getStore()
      if (run) run.hasPrinted = true
      if (run === undefined || !(run.ended || run.print)) return write(...given)
      if (!run.ended) tell(run, name, bytesOf(given))
      const written = given.find((one) => typeof one === 'function')
      if (written) process.nextTick(written)
      return true
    }
  }
  const { spawn } = ChildProcess.prototype as unknown as { spawn(options: { stdio?: StdioOptions }): unknown }
  Object.assign(ChildProcess.prototype, {
    spawn(this: ChildProcess, options: { stdio?: StdioOptions }) {
      const run = runs.getStore()
      return spawn.call(this, run && options.stdio ? { ...options, stdio: stdioOf(run, options.stdio) } : options)
    },
  })
}

/** Calls the code of a run. The run ends when `ended` of the result resolves. */
export function inRun<Result extends { ended: Promise<unknown> }>(run: PrintingRun, call: () => Result): Result {
  for (const reader of readers.toClose.splice(0)) closeSync(reader)
  const text: RunText = Object.assign(run, { ended: false })
  const result = runs.run(text, call)
  const end = () => {
    text.ended = true
    readers.toClose.push(...readers.open.splice(0))
    for (const pipe of Object.values(text.pipes ?? {})) if (typeof pipe === 'number') closeSync(pipe)
  }
  result.ended.then(end, end)
  return result
}

/** Calls code that belongs to no single run, from within one. */
export const outsideRuns = <Result>(call: () => Result): Result => runs.exit(call)

function tell(run: RunText, stream: PrintStream, bytes: Buffer): void {
  run.decoders ??= { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') }
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    const text = run.decoders[stream].write(bytes.subarray(at, at + PIECE_BYTES))
    if (text !== '') run.print?.(stream, text)
  }
}

/** The bytes that `write` would have written. Throws TypeError, as `write` does, for anything that it does not take. */
function bytesOf([chunk, encoding]: unknown[]): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk, typeof encoding === 'string' ? asEncoding(encoding) : 'utf8')
  if (ArrayBuffer.isView(chunk)) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  throw new TypeError('only a text or bytes can be printed')
}

const asEncoding = (given: string): BufferEncoding => (Buffer.isEncoding(given) ? given : 'utf8')

function stdioOf(run: RunText, stdio: StdioOptions): StdioOptions {
  const given = typeof stdio === 'string' ? [stdio, stdio, stdio] : [...stdio]
  return given.map((one, index) => {
    const descriptor = index === 0 ? undefined : ownDescriptor(one, index)
    if (descriptor === undefined) return one
    if (run.ended) return 'ignore'
    run.hasPrinted = true
    run.pipes ??= { 1: pipeOf(run, 1), 2: pipeOf(run, 2) }
    return run.pipes[descriptor] === 'inherit' ? descriptor : run.pipes[descriptor]
  })
}

/** Tells which of this process's own two streams a child would print to. */
function ownDescriptor(one: unknown, index: number): 1 | 2 | undefined {
  if (one === 1 || one === process.stdout || (one === 'inherit' && index === 1)) return 1
  if (one === 2 || one === process.stderr || (one === 'inherit' && index === 2)) return 2
  return undefined
}

/** Opens a new named pipe for writing. Returns `inherit` when none can be made. */
function pipeOf(run: RunText, descriptor: 1 | 2): number | 'inherit' {
  const name = `.printed-${descriptor}`
  const path = join(run.workDir, name)
  try {
    execFileSync('mkfifo', ['-m', '600', path], { stdio: 'ignore' })
    readers.open.push(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK))
    const writer = openSync(path, constants.O_WRONLY)
    run.printTo(descriptor === 1 ? 'stdout' : 'stderr', name)
    return writer
  } catch {
    return 'inherit'
  }
}
