/** Where a request came from: the peer of the connection, or, behind proxies that are trusted, whom they name. What a client says of itself is not trusted. Made by createApp. */
import { BlockList, isIP } from 'node:net'
import type { ApiContext } from './api-deps.ts'

/** Proxies that the header may name; a longer chain is not believed. */
const MOST_HOPS = 20

/** Makes the question for these trusted addresses and networks. */
export function clientAddress(trustedProxies: readonly string[]): (c: ApiContext) => string | null {
  const trusted = new BlockList()
  for (const entry of trustedProxies) {
    const [address = '', bits] = entry.split('/')
    if (bits === undefined) trusted.addAddress(address, familyOf(address))
    else trusted.addSubnet(address, Number(bits), familyOf(address))
  }
  const isTrusted = (address: string): boolean => trusted.check(address, familyOf(address))

  return (c) => {
    const client = (c.env as ApiContext['env'] | undefined)?.outgoing
    const peer = plain(client?.req.socket.remoteAddress ?? '')
    if (peer === '') return null
    const named = (c.req.header('x-forwarded-for') ?? '')
      .split(',')
      .slice(-MOST_HOPS)
      .map((one) => plain(one.trim()))
    // From the nearest on: who stands before one that is not trusted may have been made up.
    let address = peer
    while (isTrusted(address) && named.length > 0) {
      const before = named.pop() ?? ''
      if (isIP(before) === 0) break
      address = before
    }
    return address
  }
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
/** An address of IPv4 that came in over IPv6. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '')
