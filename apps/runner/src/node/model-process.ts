/**
 * The process of a TypeScript model: the model that it has loaded, and the runs that it holds. It listens to the host and
 * makes sure that each run is answered. Made once, by node-runner-main.ts.
 *
 * It is loading until `load` has said ready. Then it serves until one of three things ends the process: its pipe ends, the
 * host shuts it down, or an error that belongs to no call leaves it in an unknown state.
 *
 * Behind a single run it holds the next one, if the host sends that ahead (`held` in the protocol). Where the model takes several runs
 * in one call, all wait in batch-runs.ts.
 */
import { rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { HostMessage, Manifest, PrintStream } from '@millrace/contracts'
import { type AnyModel, type LogLevel, manifestOf, modelOfModule } from '@millrace/model'
import { type AnswerableRun, type AnswerOptions, answerRun } from './answer-run.ts'
import { BatchRuns, type BatchRunsOptions } from './batch-runs.ts'
import { boundPatterns } from './bound-patterns.ts'
import { describeThrown } from './describe-thrown.ts'
import { HostPipe } from './host-pipe.ts'
import { lookAround } from './look-around.ts'
import { inRun, type PrintingRun } from './run-text.ts'

const HEARTBEAT_MS = 5000
/** A run that took so long may have kept this thread to itself all the time. */
const BLOCKED_MS = 1

interface LoadedModel {
  model: AnyModel
  /** The value that its `setup` returned. */
  state: unknown
  concurrency: number
  /** Those of a model that takes several runs in one call. */
  batches: BatchRuns | undefined
}

type RunOrder = Extract<HostMessage, { type: 'run' }>

export class ModelProcess {
  readonly #device: string
  readonly #pipe = new HostPipe()
  readonly #active = new Map<string, AnswerableRun>()
  #loaded: LoadedModel | undefined
  /** Waits behind the run that goes on. */
  #held: RunOrder | undefined
  #isStopping = false

  /** `device`: the device as this process sees it, `cpu` or `cuda:0`. */
  constructor(device: string) {
    this.#device = device
  }

  /** Starts to listen to the host. Ends the process when the host has closed the pipe. */
  listen(): void {
    this.#pipe.listen(
      (message) => this.#hear(message),
      () => process.exit(0),
    )
  }

  /** Loads the model and says ready. If it cannot be loaded, says why and ends the process. */
  async load(modelPath: string): Promise<void> {
    try {
      const model = modelOfModule(await import(pathToFileURL(modelPath).href))
      const manifest = manifestOf(model)
      const { input, output, training } = model
      await boundPatterns([input, output, training?.input, training?.output])
      const log = (level: LogLevel, message: string) => this.#pipe.send({ type: 'log', level, message })
      const state = await model.setup?.({ device: this.#device, log })
      const loaded: LoadedModel = { model, state, concurrency: manifest.concurrency, batches: undefined }
      if (manifest.batch) loaded.batches = this.#batchesOf(loaded, manifest.batch)
      this.#loaded = loaded
      this.#pipe.send({ type: 'ready', protocol: 1, manifest, holds: manifest.concurrency === 1 })
      setInterval(() => this.#pipe.send({ type: 'heartbeat' }), HEARTBEAT_MS)
    } catch (thrown) {
      this.giveUp(thrown)
    }
  }

  /**
   * Ends the process after an error outside of any call, because its state is then unknown. The run is answered if it
   * is the only one. If there are several, nobody knows whose error it was, and the end of the process tells that.
   */
  giveUp(thrown: unknown): void {
    const { message, traceback } = describeThrown(thrown)
    this.#pipe.send({ type: 'setup_failed', message, traceback })
    if (this.#active.size === 1) for (const run of this.#active.values()) run.fail(thrown)
    process.exit(1)
  }

  #hear(message: HostMessage): void {
    if (message.type === 'shutdown') return void this.#shutDown().catch(() => process.exit(1))
    if (message.type === 'cancel') return this.#active.get(message.id)?.cancel()
    if (message.type === 'checkpointed') return this.#active.get(message.id)?.checkpoints.heard(message)
    if (message.type === 'draining') return this.#active.get(message.id)?.checkpoints.drain()
    if (message.held !== undefined && this.#loaded?.batches) return this.#loaded.batches.put(message)
    this.#held = message.held === undefined ? undefined : message
    if (this.#held) return
    if (this.#loaded === undefined || this.#active.size >= this.#loaded.concurrency) {
      return this.giveUp(new Error('a run came while there was no place for it'))
    }
    const run = this.#begin(message, this.#loaded)
    this.#loaded.batches?.after(run)
  }

  #batchesOf(loaded: LoadedModel, batch: NonNullable<Manifest['batch']>): BatchRuns {
    const { model, state } = loaded
    const begin: BatchRunsOptions['begin'] = (order, call) => this.#begin(order, loaded, call)
    return new BatchRuns({ model, state, batch, pipe: this.#pipe, begin })
  }

  /** `call`: of a run that is answered together with others. */
  #begin(order: RunOrder, loaded: LoadedModel, call?: AnswerOptions['call']): AnswerableRun {
    const { model, state, concurrency, batches } = loaded
    const { id, work_dir: workDir, held } = order
    const say = (stream: PrintStream, message: string, path?: string) =>
      this.#pipe.send({ type: 'log', id, level: 'info', stream, message, path })
    const printTo = (stream: PrintStream, path: string) => say(stream, '', path)
    // The host could not tell the first words of a held run in the pipe of the process from the last ones of the run before.
    const text: PrintingRun = {
      workDir,
      printTo,
      ...((held !== undefined || concurrency > 1 || batches) && { print: say }),
    }
    let next: RunOrder | undefined
    const begunMs = performance.now()
    const beforeDone = async () => {
      if (call) return
      if (performance.now() - begunMs > BLOCKED_MS) await lookAround()
      next = text.hasPrinted ? undefined : this.#takeHeld()
    }
    const run = inRun(text, () =>
      answerRun(model, state, order, {
        device: this.#device,
        send: (answer) => this.#pipe.send(answer),
        sendFrame: (json) => this.#pipe.sendFrame(json),
        beforeDone,
        call,
      }),
    )
    this.#active.set(run.id, run)
    void run.ended.then(() => {
      this.#active.delete(run.id)
      // An error that this run leaves behind comes up before that, and is not taken for one of the next run.
      if (next) setImmediate(() => this.#beginHeld(next as RunOrder))
    })
    return run
  }

  /** The run that waits, unless the host has taken it back: whoever removes its folder has it. */
  #takeHeld(): RunOrder | undefined {
    const order = this.#held
    this.#held = undefined
    if (order?.held === undefined) return undefined
    try {
      rmdirSync(join(order.work_dir, order.held))
      return order
    } catch {
      return undefined
    }
  }

  #beginHeld(order: RunOrder): void {
    if (this.#isStopping || !this.#loaded) return
    this.#pipe.send({ type: 'began', id: order.id })
    this.#begin(order, this.#loaded)
  }

  async #shutDown(): Promise<void> {
    this.#isStopping = true
    this.#loaded?.batches?.stop()
    for (const run of this.#active.values()) run.cancel()
    await Promise.all([...this.#active.values()].map((run) => run.ended))
    await this.#loaded?.model.teardown?.(this.#loaded.state)
    process.exit(0)
  }
}
