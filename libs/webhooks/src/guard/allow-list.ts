/** The hosts and ranges of the own network that an operator allows through the address guard. Called by createAddressGuard. */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number]

export interface AllowList {
  /** True when this host, written as a URL parser writes it, is listed for this port. */
  hasHost(hostname: string, port: number): boolean
  /** True when this address is in a listed range for this port. */
  hasAddress(address: string, port: number): boolean
  /** True when any range is listed. Then a name may lead into it. */
  readonly hasRanges: boolean
}

/**
 * Reads entries such as `minio`, `minio:9000`, `10.1.2.3`, `10.1.2.3:8080`, `[fd00::1]:8080`, `10.1.0.0/16`, `fd00::/8`.
 * An address or a range also lets names through that resolve into it. Throws TypeError that names the faulty entry.
 */
export function parseAllowList(entries: readonly string[]): AllowList {
  const hosts = new Set<string>()
  const ranges: { range: Range; port: number | undefined }[] = []
  for (const entry of entries.map((text) => text.trim())) {
    const cidr = rangeOf(entry)
    if (cidr) {
      ranges.push({ range: cidr, port: undefined })
      continue
    }
    const { host, port } = hostOf(entry)
    const address = rangeOf(bare(host))
    if (address) ranges.push({ range: address, port })
    else hosts.add(port === undefined ? host : `${host}:${port}`)
  }
  return {
    hasHost: (hostname, port) => hosts.has(hostname) || hosts.has(`${hostname}:${port}`),
    hasAddress: (address, port) =>
      ranges.some((listed) => (listed.port ?? port) === port && isInside(address, listed.range)),
    hasRanges: ranges.length > 0,
  }
}

/** The host of a URL in the form in which names are compared: without brackets and trailing dot. */
export const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')

function rangeOf(entry: string): Range | undefined {
  if (isIP(entry)) return single(entry)
  return ipaddr.isValidCIDR(entry) ? ipaddr.parseCIDR(entry) : undefined
}

function single(address: string): Range {
  const ip = ipaddr.process(address)
  return [ip, ip.kind() === 'ipv4' ? 32 : 128]
}

function hostOf(entry: string): { host: string; port: number | undefined } {
  const url = /^[^/?#@\s]+$/.test(entry) && URL.canParse(`http://${entry}`) ? new URL(`http://${entry}`) : undefined
  if (!url?.hostname) throw new TypeError(`cannot read the allowed host "${entry}": give a host, host:port, or a range`)
  const port = /:(\d+)$/.exec(entry)?.[1]
  return { host: bare(url.hostname), port: port === undefined ? undefined : Number(port) }
}

function isInside(address: string, [range, bits]: Range): boolean {
  if (isIP(address) === 0) return false
  const ip = ipaddr.process(address)
  return ip.kind() === range.kind() && (ip as ipaddr.IPv4).match(range as ipaddr.IPv4, bits)
}
