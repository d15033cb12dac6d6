/**
 * The checkpoints of one run on their way to the worker, the answers on their way back, and what the run goes on from. Made by
 * answer-run.ts.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type CheckpointAnswer, type HostMessage, LIMITS, notKept, type RunnerMessage } from '@millrace/contracts'
import type { CheckpointPort, Resumed, RunCheckpoint } from '@millrace/model'
import { SPILL_BYTES } from '../../protocol/json-output.ts'
import { StopSignal } from '../stop-signal.ts'

type RunOrder = Extract<HostMessage, { type: 'run' }>
type Answer = Extract<HostMessage, { type: 'checkpointed' }>

export class RunCheckpoints implements CheckpointPort {
  readonly #order: RunOrder
  readonly #send: (message: RunnerMessage) => void
  readonly #waiting = new Map<number, (answer: CheckpointAnswer) => void>()
  readonly #drain = new StopSignal()
  #made = 0
  #isOver = false
  resumed: Resumed | undefined

  constructor(order: RunOrder, send: (message: RunnerMessage) => void) {
    this.#order = order
    this.#send = send
  }

  get draining(): AbortSignal {
    return this.#drain.signal
  }

  /** Itself, with what the run goes on from. */
  async opened(): Promise<this> {
    if (this.#order.resumed) this.resumed = await resumedOf(this.#order.resumed, this.#order.work_dir)
    return this
  }

  /** Resolves with what the worker says, or that the run has ended: then nobody says anything more. */
  async keep({ state, files }: RunCheckpoint): Promise<CheckpointAnswer> {
    if (this.#isOver) return notKept('ended')
    const { id, work_dir: workDir } = this.#order
    const number = ++this.#made
    const text = JSON.stringify(state)
    const bytes = Buffer.byteLength(text)
    if (bytes > LIMITS.checkpointStateBytes) return notKept('too_large', 'its state is above 64 MB: put it into a file')
    const path = bytes > SPILL_BYTES ? `.checkpoint-${number}.json` : undefined
    if (path !== undefined) await writeFile(resolve(workDir, path), text, { flag: 'wx' })
    try {
      if (this.#isOver) return notKept('ended')
      const answer = new Promise<CheckpointAnswer>((heard) => this.#waiting.set(number, heard))
      this.#send({ type: 'checkpoint', id, number, ...(path === undefined ? { state } : { state_path: path }), files })
      return await answer
    } finally {
      if (path !== undefined) await rm(resolve(workDir, path), { force: true })
    }
  }

  heard({ number, refused }: Answer): void {
    this.#waiting.get(number)?.(refused ? notKept(refused.code, refused.message) : { kept: true })
    this.#waiting.delete(number)
  }

  drain(): void {
    this.#drain.ask()
  }

  /** The run has its answer. Its model may go on, in a call with others for one. */
  close(): void {
    this.#isOver = true
    for (const heard of this.#waiting.values()) heard(notKept('ended'))
    this.#waiting.clear()
  }
}

async function resumedOf(
  { state, state_path: path, files }: NonNullable<RunOrder['resumed']>,
  workDir: string,
): Promise<Resumed> {
  return {
    state: path === undefined ? state : (JSON.parse(await readFile(resolve(workDir, path), 'utf8')) as unknown),
    files: Object.fromEntries(files.map(({ name, path: file }) => [name, resolve(workDir, file)])),
  }
}
