/** Looks from time to time whether a process that has nothing to do still says something. Kept by RunnerProcess. */

/** What it asks of a CurrentProcess. */
interface Silent {
  readonly readyAt: number | undefined
  readonly retiring: boolean
  isSilent(forMs: number): boolean
}

export class SilenceWatch<Process extends Silent> {
  readonly #idle: () => Process | undefined
  readonly #onSilent: (current: Process) => void
  #timer: NodeJS.Timeout | undefined

  /** `idle`: the process, while it takes runs and has none. */
  constructor(idle: () => Process | undefined, onSilent: (current: Process) => void) {
    this.#idle = idle
    this.#onSilent = onSilent
  }

  get isOn(): boolean {
    return this.#timer !== undefined
  }

  start({ checkMs, silenceMs }: { checkMs: number; silenceMs: number }): void {
    const look = () => {
      const current = this.#idle()
      if (current?.readyAt === undefined || current.retiring) return
      if (current.isSilent(silenceMs)) this.#onSilent(current)
    }
    this.#timer = setInterval(look, checkMs).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
