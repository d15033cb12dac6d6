import { describe, expect, it } from 'vitest'
import type { ApiContext } from './api-deps.ts'
import { clientAddress } from './client-address.ts'

const asked = (remoteAddress: string | undefined, forwarded?: string): ApiContext =>
  ({
    env: remoteAddress === undefined ? {} : { outgoing: { req: { socket: { remoteAddress } } } },
    req: { header: () => forwarded },
  }) as unknown as ApiContext

const PROXIES = ['10.0.0.0/8', '::1', '2001:db8::/32']

describe('the address of a client', () => {
  it.each([
    ['the peer, whatever it claims, when it is no proxy', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['the peer, as one of IPv4', '::ffff:203.0.113.9', undefined, '203.0.113.9'],
    ['whom a proxy names', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['whom the first of several proxies names', '::1', '198.51.100.1, 10.2.3.4,2001:db8::7', '198.51.100.1'],
    ['not what stands before it, for that may be made up', '10.0.0.1', '192.0.2.1, 198.51.100.1', '198.51.100.1'],
    ['the proxy, when it names nobody', '10.0.0.1', undefined, '10.0.0.1'],
    ['the proxy, when it names nonsense', '10.0.0.1', '198.51.100.1, <script>', '10.0.0.1'],
    ['not known without a connection', undefined, '198.51.100.1', null],
  ])('is %s', (_, peer, forwarded, address) => {
    expect(clientAddress(PROXIES)(asked(peer, forwarded))).toBe(address)
  })
})
