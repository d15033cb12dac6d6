/**
 * Tells which addresses belong to the public internet. The address guard calls it for the addresses of a name and for the
 * address that was connected.
 */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Global unicast. All other IPv6 ranges are special or unassigned, among them ::/96, which ipaddr.js takes for public. */
const IPV6_PUBLIC = ipaddr.parseCIDR('2000::/3')

/** A cloud serves its metadata and health checks to its machines from this public address. */
const IPV4_METADATA = ipaddr.parseCIDR('168.63.129.16/32')

/**
 * True when an address belongs to the public internet. It must be written as the system writes it: no short, hexadecimal or
 * octal forms. Refused are loopback, private, shared (CGNAT), link-local, multicast, reserved and documentation ranges, and
 * every IPv6 form that carries an IPv4 address through a translator (6to4, NAT64, Teredo). A mapped IPv4 address
 * (`::ffff:1.2.3.4`) is judged as that IPv4 address.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false
  const ip = ipaddr.process(address)
  if (ip.range() !== 'unicast') return false
  return ip.kind() === 'ipv4' ? !ip.match(IPV4_METADATA) : ip.match(IPV6_PUBLIC)
}
