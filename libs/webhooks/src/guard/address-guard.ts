/**
 * Keeps requests to addresses from outside away from our own network. The API calls `check` when an address is
 * submitted. Code that connects uses `connector`, which judges the address that is really connected.
 */
import { lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import { buildConnector } from 'undici'
import { AddressNotAllowedError } from './address-not-allowed-error.ts'
import { bare, parseAllowList } from './allow-list.ts'
import { isPublicAddress } from './is-public-address.ts'

/** What the address is for: webhooks must be https unless `allowHttp`, inputs may be http. */
export type AddressPurpose = 'webhook' | 'input'

export interface AddressGuardOptions {
  /**
   * Hosts of the own network that may be reached: `minio`, `minio:9000`, `10.1.2.3`, `10.1.0.0/16`, `[fd00::1]:8080`.
   * They may use plain http and, unless the entry names one, any port. Default: none.
   */
  allowHosts?: readonly string[]
  /** Let webhooks go over plain http to public addresses. Default: false. */
  allowHttp?: boolean
  /** Ports of public hosts. Default: 443 and 80. */
  ports?: readonly number[]
  /** Turns names into addresses. Default: `dns.lookup` of Node; a test may give its own. */
  lookup?: LookupFunction
  /** Makes a socket. Default: undici's connector; a test may give its own. It gets the guarded lookup. */
  buildConnector?: typeof buildConnector
}

export interface AddressGuard {
  /**
   * Judges an address by its text and returns it parsed. It must be http(s) without user name and password, with a host of
   * at most 253 characters and an allowed scheme and port. A literal address must be public. No name server is asked: the
   * addresses behind a name are judged when it is connected. Throws AddressNotAllowedError.
   */
  check(address: string | URL, purpose: AddressPurpose): URL
  /** For `new Agent({ connect })` of undici. Fails with AddressNotAllowedError before a byte is sent. */
  connector(purpose: AddressPurpose, options?: { timeoutMs?: number }): buildConnector.connector
}

/** The parts of a request that the rules look at. `host` has no brackets and no trailing dot. */
interface Target {
  host: string
  port: number
  secure: boolean
}

/** Makes a guard. Throws TypeError when an entry of `allowHosts` cannot be read. */
export function createAddressGuard(options: AddressGuardOptions = {}): AddressGuard {
  const allowed = parseAllowList(options.allowHosts ?? [])
  const ports = options.ports ?? [443, 80]

  /** True when scheme and port are right for a public host. */
  const isUsual = ({ port, secure }: Target, purpose: AddressPurpose): boolean =>
    ports.includes(port) && (secure || purpose === 'input' || options.allowHttp === true)

  function mayConnect(target: Target, address: string, purpose: AddressPurpose): boolean {
    if (allowed.hasHost(target.host, target.port) || allowed.hasAddress(address, target.port)) return true
    return isUsual(target, purpose) && isPublicAddress(address)
  }

  function mayTry(target: Target, purpose: AddressPurpose): boolean {
    // No server listens on port 0; a socket takes it for "any port".
    if (target.port === 0) return false
    if (isIP(target.host)) return mayConnect(target, target.host, purpose)
    if (allowed.hasHost(target.host, target.port)) return true
    if (/(^|\.)localhost$/.test(target.host)) return allowed.hasRanges
    // The name may lead into a listed range, where any port is allowed. That is judged when it is connected.
    return isUsual(target, purpose) || allowed.hasRanges
  }

  return {
    check(address, purpose) {
      const url = typeof address === 'string' ? parse(address) : address
      const plain = url.username === '' && url.password === '' && /^https?:$/.test(url.protocol)
      const target = targetOf(url.hostname, url.port, url.protocol)
      if (!plain || target.host === '' || target.host.length > 253 || !mayTry(target, purpose)) {
        throw new AddressNotAllowedError()
      }
      return url
    },
    connector: (purpose, { timeoutMs = 10_000 } = {}) =>
      guardedConnector(options, timeoutMs, {
        isListed: ({ host, port }) => allowed.hasHost(host, port),
        mayTry: (target) => mayTry(target, purpose),
        mayConnect: (target, address) => mayConnect(target, address, purpose),
      }),
  }
}

interface Judge {
  /** True when the operator has listed this host. */
  isListed(target: Target): boolean
  mayTry(target: Target): boolean
  mayConnect(target: Target, address: string): boolean
}

/** Judges three times: the request, every address of a name, and the address that was connected in the end. */
function guardedConnector(options: AddressGuardOptions, timeoutMs: number, judge: Judge): buildConnector.connector {
  const build = options.buildConnector ?? buildConnector
  return (request, callback) => {
    const target = targetOf(request.hostname, request.port, request.protocol)
    if (!judge.mayTry(target)) return callback(new AddressNotAllowedError(), null)
    const lookup = guardedLookup(options.lookup ?? systemLookup, {
      isListed: judge.isListed(target),
      mayConnect: (address) => judge.mayConnect(target, address),
    })
    const connect = build({ timeout: timeoutMs, lookup } as Parameters<typeof buildConnector>[0])
    connect(request, (...[error, socket]) => {
      if (error) return callback(error, null)
      if (judge.mayConnect(target, socket.remoteAddress ?? '')) return callback(null, socket)
      ;(socket as Socket).on('error', () => undefined).destroy()
      callback(new AddressNotAllowedError(), null)
    })
  }
}

/**
 * Asks for all addresses of a name and refuses when any of them is not allowed, so that the result does not depend on luck.
 * An unknown name is refused in the same way. Otherwise strangers could find out which names exist in our own network.
 */
function guardedLookup(
  lookup: LookupFunction,
  { isListed, mayConnect }: { isListed: boolean; mayConnect: (address: string) => boolean },
): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error.code === 'ENOTFOUND' && !isListed ? new AddressNotAllowedError() : error, [])
      const addresses = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found
      if (addresses.length === 0 || !addresses.every(({ address }) => mayConnect(address))) {
        return callback(new AddressNotAllowedError(), [])
      }
      if (options.all) return callback(null, addresses)
      callback(null, addresses[0]!.address, addresses[0]!.family)
    })
}

function targetOf(hostname: string, port: string, protocol: string): Target {
  const secure = protocol === 'https:'
  return { host: bare(hostname), port: port === '' ? (secure ? 443 : 80) : Number(port), secure }
}

function parse(address: string): URL {
  try {
    return new URL(address)
  } catch {
    throw new AddressNotAllowedError()
  }
}
