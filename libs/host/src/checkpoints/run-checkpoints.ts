/**
 * What the host has to do with the checkpoints of one run: hands them to whoever keeps them, answers each, and tells the model that
 * it should make one. Kept by ActiveRun.
 */
import { type CheckpointAnswer, type HostMessage, notKept, type RunnerMessage } from '@millrace/contracts'
import { isTooDeep } from '@millrace/runner'
import type { RunRequest } from '../runner.ts'

type CheckpointMessage = Extract<RunnerMessage, { type: 'checkpoint' }>

export class RunCheckpoints {
  readonly #request: RunRequest
  readonly #send: (message: HostMessage) => void
  #unwatch: (() => void) | undefined
  #isOver = false

  constructor(request: RunRequest, send: (message: HostMessage) => void) {
    this.#request = request
    this.#send = send
  }

  /** The model has the run. */
  begun(): void {
    const { leaving, id } = this.#request
    if (!leaving) return
    const tell = () => {
      if (!leaving.isOn) return
      this.end()
      this.#send({ type: 'draining', id })
    }
    this.#unwatch = leaving.onChange(tell)
    tell()
  }

  /** The run needs not to be told any more. */
  end(): void {
    this.#unwatch?.()
    this.#unwatch = undefined
  }

  /** The run is over: nobody waits for an answer. */
  close(): void {
    this.#isOver = true
    this.end()
  }

  async hear({ id, number, state, state_path: statePath, files }: CheckpointMessage): Promise<void> {
    const answer = isTooDeep(state) ? notKept('invalid') : await this.#keep({ state, statePath, files })
    if (this.#isOver) return
    const refused = answer.kept ? undefined : { code: answer.code, message: answer.message }
    this.#send({ type: 'checkpointed', id, number, ...(refused && { refused }) })
  }

  #keep(given: Parameters<NonNullable<RunRequest['onCheckpoint']>>[0]): Promise<CheckpointAnswer> {
    return this.#request.onCheckpoint?.(given) ?? Promise.resolve(notKept('off'))
  }
}
