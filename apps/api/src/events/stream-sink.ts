/**
 * One answer that is written bit by bit, straight to Node's response: a web stream in between would cost each watcher more
 * memory than all the rest, and would hide how much waits for a slow one. Used by EventStream.
 */
import type { ServerResponse } from 'node:http'

export class StreamSink {
  readonly #response: ServerResponse
  #writtenAt = performance.now()
  #stuckSince: number | undefined
  #closed = false
  #wake: (() => void) | undefined

  /** @param onClose called once, when the watcher has gone or the answer has ended. */
  constructor(response: ServerResponse, onClose: () => void) {
    this.#response = response
    response.on('close', () => {
      this.#closed = true
      this.#drained()
      onClose()
    })
    response.on('drain', () => this.#drained())
    // After a failed write `close` comes too.
    response.on('error', () => undefined)
    // A watcher that left while the job was being read will not be heard leaving.
    if (response.destroyed) queueMicrotask(() => response.emit('close'))
  }

  open(headers: Record<string, string>, text: string): void {
    this.#response.writeHead(200, headers)
    this.write(text)
  }

  /** Whether more waits for the watcher than should: write nothing until it has `drained`. */
  get congested(): boolean {
    return this.#stuckSince !== undefined
  }

  /** Milliseconds for which nothing was written. */
  get silentMs(): number {
    return performance.now() - this.#writtenAt
  }

  /** Milliseconds for which the watcher has not read what waits for it. */
  get stuckMs(): number {
    return this.#stuckSince === undefined ? 0 : performance.now() - this.#stuckSince
  }

  write(text: string): void {
    if (this.#closed) return
    this.#writtenAt = performance.now()
    if (!this.#response.write(text)) this.#stuckSince ??= this.#writtenAt
  }

  /** Resolves when the watcher has read what waits for it, or has gone. */
  async drained(): Promise<void> {
    if (this.#closed || !this.congested) return
    await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  /** Ends the answer; a watcher that does not read is cut off. */
  end(text: string): void {
    if (this.congested) this.cut()
    else if (!this.#closed) this.#response.end(text)
  }

  cut(): void {
    this.#response.destroy()
  }

  #drained(): void {
    this.#stuckSince = undefined
    this.#wake?.()
    this.#wake = undefined
  }
}
