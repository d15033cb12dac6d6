/**
 * The calls of a client that have no answer yet, so that closing it fails them all. ioredis leaves some without one for ever: those
 * that wait between two tries to connect, and in a cluster those that wait for a shard that is away. Whoever awaited such a call
 * could not end. Used by the clients here.
 */
import type { Command } from 'ioredis'

export class OpenCalls {
  readonly #calls = new Set<Command>()
  #isClosed = false

  /** Called for each call before it is sent, and each time that it is sent again. Answers false for one that fails instead. */
  begin(command: Command): boolean {
    if (this.#isClosed) {
      command.reject(closed())
      return false
    }
    if (this.#calls.has(command)) return true
    this.#calls.add(command)
    const end = () => void this.#calls.delete(command)
    command.promise.then(end, end)
    return true
  }

  /** All fail, and so does each that comes. */
  close(): void {
    this.#isClosed = true
    for (const command of this.#calls) command.reject(closed())
  }
}

const closed = (): Error => new Error('The connection was closed')
