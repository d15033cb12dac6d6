/**
 * The connections that a member was given and has not taken yet. When a member dies, Node's cluster forgets these
 * connections, and even the end of the member. They would stay open in the parent, and their clients would wait for ever.
 * Used by crew-child.ts for each member.
 */
import type { ChildProcess } from 'node:child_process'

interface Handle {
  close(): void
}

/** The message of Node's cluster that gives a connection to a member, and the answer to it. */
interface Handing {
  cmd?: unknown
  act?: unknown
  seq?: unknown
  ack?: unknown
}

const CLUSTER = 'NODE_CLUSTER'

export class HandedConnections {
  readonly #process: ChildProcess
  /** The connections by the number of their message. */
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

  /**
   * Called when the member is gone and all its messages were read. Connections that it had not taken go to other members.
   * When there are none, the connections are closed, so that the clients know.
   */
  release(hasOthers: boolean): void {
    // Node does not emit this while a message with a connection is being sent, and the cluster waits for it before it lets
    // the member go.
    if (!this.#isParted) this.#process.emit('disconnect')
    for (const [seq, handle] of [...this.#untaken]) {
      // Answers as a closing member does: it refuses, and the cluster gives the connection to another.
      if (hasOthers) this.#process.emit('internalMessage', { cmd: CLUSTER, ack: seq, accepted: false })
      else handle.close()
    }
    this.#untaken.clear()
  }
}
