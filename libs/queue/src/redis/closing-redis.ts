/** A client, of one server or a cluster, which fails what waits on it when it is closed; see OpenCalls. Made by connect, Connections and connectCluster. */
import { type Command, Redis, type RedisOptions } from 'ioredis'
import { OpenCalls } from './open-calls.ts'

interface Client {
  sendCommand(command: Command, ...rest: never[]): unknown
  disconnect(reconnect?: boolean): void
}

// oxlint-disable-next-line typescript/no-explicit-any -- TypeScript asks it of a class over another
type ClassOf<T> = new (...how: any[]) => T

/** The class over one of ioredis. */
export function failingAtClose<Base extends ClassOf<Client>>(Base: Base) {
  return class extends Base {
    readonly #calls = new OpenCalls()

    override sendCommand(command: Command, ...rest: never[]): unknown {
      return this.#calls.begin(command) ? super.sendCommand(command, ...rest) : command.promise
    }

    override disconnect(reconnect = false): void {
      super.disconnect(reconnect)
      if (!reconnect) this.#calls.close()
    }
  }
}

/** With answers in the shapes that the types of ioredis tell of. */
type Options = RedisOptions & { replyMapping?: 'legacy' }

export class ClosingRedis extends failingAtClose(Redis) {
  constructor(...how: [options: RedisOptions] | [url: string, options: RedisOptions]) {
    super(...(how as [url: string, options: Options]))
  }
}
