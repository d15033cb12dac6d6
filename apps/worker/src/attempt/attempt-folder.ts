/**
 * The folder of one attempt: made when its inputs come, deleted when the attempt has ended and no model works in it any
 * more. Begun by begin-attempt.ts, made by fetch-inputs.ts, lent to the model by run-model.ts.
 */
import type { Hold } from '@millrace/queue'
import type { WorkFolders } from './work-folders.ts'

export class AttemptFolder {
  readonly #work: WorkFolders
  readonly #hold: Hold
  #path: string | undefined
  #runOver: Promise<unknown> = Promise.resolve()

  constructor(work: WorkFolders, hold: Hold) {
    this.#work = work
    this.#hold = hold
  }

  /** Makes it; `expectedBytes` is what the inputs will take. Once per attempt. */
  async make(expectedBytes: number): Promise<string> {
    this.#path = await this.#work.create(this.#hold, expectedBytes)
    return this.#path
  }

  /** It is the model's until that run is truly over, also when the attempt does not wait for it. */
  lendUntil(run: Promise<unknown>): void {
    this.#runOver = run.catch(() => undefined)
  }

  /** The attempt has ended. Not waited for: the next job need not wait until a folder is gone. */
  leave(): void {
    const path = this.#path
    if (path !== undefined) void this.#runOver.then(() => this.#work.remove(path))
  }
}
