/**
 * How addresses in answers begin. The Host header is the client's word and is not trusted: with a public URL configured
 * that is used; without one, a loopback Host is repeated (only its sender can be fooled by it), and for any other Host
 * addresses are paths without a host.
 */
import type { ApiContext } from './api-deps.ts'

/** Such as `https://ml.example.com`, or empty. */
export function linkBase(c: ApiContext, publicUrl: string | undefined): string {
  if (publicUrl !== undefined) return publicUrl
  const host = hostOf(c)
  return isLoopbackHost(host) ? `http://${host}` : ''
}

/** The Host a client named. */
export const hostOf = (c: ApiContext): string => c.req.header('host') ?? new URL(c.req.url).host

/** Whether a Host header names this machine. */
export const isLoopbackHost = (host: string): boolean =>
  /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i.test(host)
