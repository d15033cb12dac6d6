/**
 * How addresses in answers begin. The Host header comes from the client and is not trusted. A configured public URL is used
 * instead. Without one, a loopback Host is repeated, for it can fool its sender alone; with any other Host, addresses are
 * paths without a host. Called by the routes.
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
