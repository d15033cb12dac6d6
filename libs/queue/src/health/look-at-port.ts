/**
 * Looks at what listens at the address of Redis, when a connection broke without saying why: Redis in protected mode
 * says so and hangs up, a TLS port does not understand plain text and the reverse. Called by probe-redis.ts and RedisWatch.
 */
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Codes of redis-fault.ts. */
export type PortFault = 'DENIED' | 'NEEDS_TLS' | 'NEEDS_PLAIN' | 'NOT_REDIS'

/** Where something listens, and how it is to be spoken to. */
export interface Place {
  host: string
  port: number
  tls: boolean
}

/** What connections end with when the other side does not say why. */
const UNEXPLAINED = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'EPROTO'])

/** Whether a look is worth it: the code says nothing by itself. */
export const isUnexplained = (code: string): boolean => UNEXPLAINED.has(code) || code.startsWith('ERR_SSL_')

/** Undefined when the address tells nothing either. Never rejects; resolves within twice `timeoutMs`. */
export async function lookAtPort({ host, port, tls }: Place, timeoutMs = 1000): Promise<PortFault | undefined> {
  const place = { host, port }
  const heard = await ask(connect(place), 'connect', timeoutMs)
  const text = heard?.toString('latin1') ?? ''
  const isReply = /^[+-][A-Z]/.test(text)
  if (tls) return isReply ? 'NEEDS_PLAIN' : undefined
  if (text.startsWith('-DENIED')) return 'DENIED'
  if (isReply) return undefined
  // Names no host: what matters is whether it shakes hands at all.
  const secure = await ask(connectTls({ ...place, rejectUnauthorized: false }), 'secureConnect', timeoutMs)
  if (secure !== undefined) return 'NEEDS_TLS'
  return text === '' || heard?.[0] === ALERT ? undefined : 'NOT_REDIS'
}

/** First byte of a TLS alert. */
const ALERT = 0x15

/** What is said to a PING; empty when nothing is, undefined when no connection came about. */
function ask(socket: Socket, event: 'connect' | 'secureConnect', timeoutMs: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let heard: Buffer | undefined
    const end = (): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(heard)
    }
    const timer = setTimeout(end, timeoutMs)
    socket.once(event, () => {
      heard = Buffer.alloc(0)
      socket.write('PING\r\n')
    })
    socket.once('data', (data: Buffer) => {
      heard = data
      end()
    })
    socket.once('error', end)
    socket.once('close', end)
  })
}
