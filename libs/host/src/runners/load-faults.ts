/** Why the model of a runner could not be loaded, told once for each process that failed. Kept by RunnerProcess, which hands it to `onLoadFailed`. */
import type { CurrentProcess } from './current-process.ts'

/** The model's own words, or how its process ended. */
export interface LoadFailure {
  message: string
  /** The trace, as the model's language prints it. */
  traceback?: string
}

/** For the log, where it is all that an operator has of it. */
export const faultFields = ({ message, traceback }: LoadFailure) => ({
  detail: message,
  ...(traceback !== undefined && { traceback }),
})

export class LoadFaults {
  readonly #tell: ((failure: LoadFailure) => void) | undefined
  readonly #told = new WeakSet<CurrentProcess>()
  /** Of the last process; undefined once the model is loaded. */
  last: string | undefined

  constructor(tell: ((failure: LoadFailure) => void) | undefined) {
    this.#tell = tell
  }

  /** Nothing is told of a process that was ready. */
  failed(process: CurrentProcess, { message, traceback }: LoadFailure): void {
    if (process.readyAt !== undefined || this.#told.has(process)) return
    this.#told.add(process)
    this.last = message
    this.#tell?.({ message, ...(traceback !== undefined && { traceback }) })
  }
}
