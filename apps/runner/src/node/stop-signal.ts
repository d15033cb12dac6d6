/** Tells a run that it is to stop. Most models never ask for the signal, so it is made for those that do. Made by answer-run.ts. */
export class StopSignal {
  #controller: AbortController | undefined
  #isAsked = false

  get isAsked(): boolean {
    return this.#isAsked
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#isAsked) this.#controller.abort()
    return this.#controller.signal
  }

  ask(): void {
    this.#isAsked = true
    this.#controller?.abort()
  }
}
