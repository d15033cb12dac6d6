/**
 * Which addresses are the public internet. Called by the address guard on what a name means and on what was connected.
 */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Global unicast. All else of IPv6 is special or unassigned, such as ::/96, which ipaddr.js takes for public. */
const IPV6_PUBLIC = ipaddr.parseCIDR('2000::/3')

/** The metadata and health service that a cloud serves to its machines from a public address. */
const IPV4_METADATA = ipaddr.parseCIDR('168.63.129.16/32')

/**
 * Whether an address, as the system writes it (no short, hexadecimal or octal forms), is one of the public internet.
 * Says no to loopback, private, shared (CGNAT), link-local, multicast, reserved and documentation ranges, and to every
 * IPv6 form that carries an IPv4 address through a translator (6to4, NAT64, Teredo). A mapped IPv4 address
 * (`::ffff:1.2.3.4`) is judged as that IPv4 address.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false
  const ip = ipaddr.process(address)
  if (ip.range() !== 'unicast') return false
  return ip.kind() === 'ipv4' ? !ip.match(IPV4_METADATA) : ip.match(IPV6_PUBLIC)
}
