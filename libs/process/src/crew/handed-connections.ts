/**
 * The connections that a member was handed and has not taken yet. Node's cluster forgets those of a member that dies, and with
 * them that it is gone at all: they would stay open in the parent, and their clients would wait for ever. Called by
 * crew-child.ts for each member.
 */
import type { ChildProcess } from 'node:child_process'

interface Handle {
  close(): void
}

/** What the cluster of Node says to a member with a connection, and what that answers. */
interface Handing {
  cmd?: unknown
  act?: unknown
  seq?: unknown
  ack?: unknown
}

const CLUSTER = 'NODE_CLUSTER'

export class HandedConnections {
  readonly #process: ChildProcess
  /** By the number of the message. */
  readonly #untaken = new Map<number, Handle>()
  #isParted = false

  constructor(process: ChildProcess) {
    this.#process = process
    const send = process.send.bind(process) as (...args: unknown[]) => boolean
    process.send = (...args: unknown[]) => {
      const [message, handle] = args as [Handing | undefined, Handle | undefined]
      if (message?.cmd === CLUSTER && message.act === 'newconn' && typeof message.seq === 'number' && handle) {
        this.#untaken.set(message.seq, handle)
      }
      return send(...args)
    }
    process.once('disconnect', () => (this.#isParted = true))
    process.on('internalMessage', (message: Handing) => {
      if (message.cmd === CLUSTER && typeof message.ack === 'number') this.#untaken.delete(message.ack)
    })
  }

  /** The member is gone, and all it said was heard. Others get what it had not taken; where there are none, their clients hear that it is over. */
  release(hasOthers: boolean): void {
    // Node does not say so while a message with a connection is under way; the cluster waits for it to let go of the member.
    if (!this.#isParted) this.#process.emit('disconnect')
    for (const [seq, handle] of [...this.#untaken]) {
      // As a member does that is just closing: it refuses, and the cluster hands the connection on.
      if (hasOthers) this.#process.emit('internalMessage', { cmd: CLUSTER, ack: seq, accepted: false })
      else handle.close()
    }
    this.#untaken.clear()
  }
}
