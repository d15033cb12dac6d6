/**
 * Asks the embedded Redis a few things before any client exists: is it up, which process is it, please end. All other code
 * speaks to Redis through `@millrace/queue`.
 */
import { connect } from 'node:net'

export interface RedisEndpoint {
  port: number
  /** Default: Redis' own default user. */
  user?: string
  /** Hexadecimal. */
  password: string
}

/**
 * The server's reply, or the reason why there was none:
 * - `refused`: nobody listens there
 * - `stranger`: somebody listens, but it is not our Redis
 * - `silent`: no answer in time, or the connection broke
 * - `closed`: our Redis ended the connection instead of answering (as SHUTDOWN does)
 */
export type RedisAnswer = { reply: string } | 'refused' | 'stranger' | 'silent' | 'closed'

/** Logs in and sends one command. Its arguments must not need quoting. Never rejects. `timeoutMs`: default 1,000. */
export function askRedis(endpoint: RedisEndpoint, command: string, timeoutMs = 1_000): Promise<RedisAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: endpoint.port })
    let text = ''
    const settle = (answer: RedisAnswer) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    const timer = setTimeout(() => settle('silent'), timeoutMs)
    socket.setEncoding('utf8')
    const { user, password } = endpoint
    const login = user === undefined ? password : `${user} ${password}`
    socket.on('connect', () => socket.write(`AUTH ${login}\r\n${command}\r\n`))
    socket.on('data', (chunk) => {
      text += String(chunk)
      const firstLine = text.indexOf('\r\n')
      if (firstLine < 0) return
      if (text.slice(0, firstLine) !== '+OK') return settle('stranger')
      const reply = completeReply(text.slice(firstLine + 2))
      if (reply !== undefined) settle({ reply })
    })
    socket.on('error', (error: NodeJS.ErrnoException) => settle(error.code === 'ECONNREFUSED' ? 'refused' : 'silent'))
    socket.on('close', () => settle(text.startsWith('+OK\r\n') ? 'closed' : 'silent'))
  })
}

/** The first reply in the text, without the protocol around it. Undefined while it is incomplete. */
function completeReply(text: string): string | undefined {
  const end = text.indexOf('\r\n')
  if (end < 0) return undefined
  const head = text.slice(0, end)
  if (!head.startsWith('$')) return head
  const body = text.slice(end + 2)
  return Buffer.byteLength(body) >= Number(head.slice(1)) + 2 ? body.slice(0, -2) : undefined
}
