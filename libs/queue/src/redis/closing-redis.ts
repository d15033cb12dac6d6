/** The client of one server, which fails what waits on it when it is closed; see OpenCalls. Made by connect and by Connections. */
import { type Command, Redis, type RedisOptions } from 'ioredis'
import { OpenCalls } from './open-calls.ts'

/** With answers in the shapes that the types of ioredis tell of. */
type Options = RedisOptions & { replyMapping?: 'legacy' }

export class ClosingRedis extends Redis {
  readonly #calls = new OpenCalls()

  constructor(...how: [options: RedisOptions] | [url: string, options: RedisOptions]) {
    super(...(how as [url: string, options: Options]))
  }

  override sendCommand(command: Command, ...rest: [stream?: never]): unknown {
    return this.#calls.begin(command) ? super.sendCommand(command, ...rest) : command.promise
  }

  override disconnect(reconnect = false): void {
    super.disconnect(reconnect)
    if (!reconnect) this.#calls.close()
  }
}
