import type { LookupFunction } from 'node:net'
import { isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { Agent, buildConnector, request } from 'undici'
import { describe, expect, it } from 'vitest'
import { createAddressGuard } from './address-guard.ts'
import { AddressNotAllowedError } from './address-not-allowed-error.ts'
import { isPublicAddress } from './is-public-address.ts'
import { startHttpServer } from '../requests/test-servers.fixture.ts'

/** Ways to write an address that is not on the public internet. Each stands where a URL has its host. */
const REFUSED = [
  // loopback, in every way a URL parser reads
  ...['127.0.0.1', '127.1', '127.0.1', '127.0.0.1.', '127.255.255.254', '127.000.000.001', '2130706433', '2130706433.'],
  ...[
    '0x7f.1',
    '0x7f000001',
    '0X7F000001',
    '0x7f.0x0.0x0.0x1',
    '0177.0.0.1',
    '0177.1',
    '017700000001',
    '0x7f.0.1',
    '0177.0x0.1',
  ],
  ...['①②⑦.⓪.⓪.①', '１２７.０.０.１', '127。0。0。1', '127．0．0．1', '127｡0｡0｡1', '%31%32%37.0.0.1', '⑫7.0.0.1'],
  ...[
    'localhost',
    'localhost.',
    'LOCALHOST',
    'LocalHost',
    'ｌｏｃａｌｈｏｓｔ',
    'a.localhost',
    'loc%61lhost',
    'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
  ],
  // this network, and "all addresses"
  ...['0', '0.0.0.0', '0x0', '00.0', '0.1.2.3'],
  // private, shared, link-local, metadata services
  ...[
    '10.0.0.1',
    '10.255.255.255',
    '012.1.2.3',
    '172.16.0.1',
    '172.31.255.254',
    '192.168.0.1',
    '192.168.1',
    '3232235777',
    '0xc0a80101',
  ],
  ...[
    '100.64.0.1',
    '100.127.255.254',
    '100.100.100.200',
    '169.254.169.254',
    '169.254.170.2',
    '2852039166',
    '0xa9fea9fe',
    '0xa9.254.169.254',
  ],
  ...['0251.0376.0251.0376', '①⑥⑨.②⑤④.①⑥⑨.②⑤④', '192.0.0.192', '168.63.129.16'],
  // multicast, broadcast, reserved, documentation, benchmarks
  ...[
    '224.0.0.1',
    '239.255.255.250',
    '255.255.255.255',
    '4294967295',
    '240.0.0.1',
    '192.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
  ],
  ...['198.51.100.7', '203.0.113.9', '192.88.99.1'],
  // IPv6
  ...[
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[0000::0001]',
    '[::127.0.0.1]',
    '[::7f00:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
  ],
  ...[
    '[::ffff:0:127.0.0.1]',
    '[::FFFF:10.0.0.1]',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::127.0.0.1]',
  ],
  ...[
    '[64:ff9b::7f00:1]',
    '[64:ff9b::a9fe:a9fe]',
    '[64:ff9b:1::10.0.0.1]',
    '[2002:7f00:1::]',
    '[2002:a00:1::1]',
    '[2002:c0a8:101::1]',
  ],
  ...[
    '[2001::1]',
    '[2001:0:4136:e378:8000:63bf:3fff:fdd2]',
    '[fe80::1]',
    '[febf::1]',
    '[fec0::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
  ],
  ...[
    '[fd20:ce::254]',
    '[ff02::1]',
    '[ff05::1:3]',
    '[100::1]',
    '[2001:db8::1]',
    '[3fff::1]',
    '[5f00::1]',
    '[::2]',
    '[4000::1]',
    '[1::1]',
  ],
  // texts that are no host at all
  ...[
    '[fe80::1%25eth0]',
    '[fe80::1%eth0]',
    '[::1%25lo]',
    '256.256.256.256',
    '1.2.3.4.5',
    '0x',
    '127.0.0.1%00.example.com',
    '',
  ],
]

/** URLs that make a reader see another host than the one that would be asked. */
const TRICKS = [
  ...['http://user@HOST/', 'http://user:pw@HOST/', 'http://example.com@HOST/', 'http://example.com%40HOST/'],
  ...[
    'http://example.com:80@HOST/',
    'http:\\\\HOST\\',
    'http:/HOST/',
    'http:HOST/',
    '//HOST/',
    '\thttp://HOST/ ',
    'ht\ntp://HOST/',
  ],
  ...['http://HOST\\@example.com/', 'http://HOST#@example.com/', 'http://HOST?@example.com/', 'http://:@HOST/'],
  ...[
    'ftp://HOST/',
    'gopher://HOST/',
    'file://HOST/etc/passwd',
    'file:///etc/passwd',
    'ws://HOST/',
    'data:text/plain,x',
    'javascript:1',
  ],
  ...[
    'blob:http://HOST/x',
    'dict://HOST/',
    'ldap://HOST/',
    'unix:/var/run/docker.sock',
    'about:blank',
    '',
    ' ',
    'HOST',
    '/',
  ],
]

const resolvesTo =
  (...addresses: string[]): LookupFunction =>
  (_name, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 })),
    )

/** Sends a request through a guard that lets the port pass, so that only the address can stop it. */
async function reach(host: string, port: number, options: Parameters<typeof createAddressGuard>[0] = {}) {
  const guard = createAddressGuard({ ports: [port], allowHttp: true, ...options })
  const agent = new Agent({ connect: guard.connector('webhook', { timeoutMs: 2000 }) })
  try {
    return (await request(`http://${host}:${port}/`, { dispatcher: agent })).statusCode
  } finally {
    await agent.destroy()
  }
}

/** Listens on every address that a spelling of this machine could mean. */
const startTrap = () => startHttpServer((_, response) => response.end(), '::')

describe('the address guard', () => {
  it('refuses every spelling of an address that is not public, when it is handed in and when it is connected', async () => {
    const trap = await startTrap()
    const guard = createAddressGuard({ ports: [trap.port, 80, 443], allowHttp: true })
    expect(REFUSED.length).toBeGreaterThan(100)
    for (const host of REFUSED) {
      const refusals = [`http://${host}/`, `https://${host}/`, `http://${host}:${trap.port}/`]
      for (const url of refusals) expect(() => guard.check(url, 'webhook'), url).toThrow(AddressNotAllowedError)
      if (!URL.canParse(`http://${host}:${trap.port}/`)) continue
      await expect(reach(host, trap.port), host).rejects.toThrow(AddressNotAllowedError)
    }
    expect(trap.connections()).toBe(0)
  })

  it('would have let them through to this machine, were they allowed: the table can fail', async () => {
    const trap = await startTrap()
    for (const host of ['2130706433', '0x7f.1', '①②⑦.⓪.⓪.①', 'localhost', '[::1]', '[::ffff:7f00:1]', '0']) {
      const allowHosts = ['127.0.0.0/8', '::1', '0.0.0.0/8']
      expect(await reach(host, trap.port, { allowHosts }), host).toBe(200)
    }
    expect(trap.connections()).toBe(7)
  })

  it('refuses what makes a reader see another host, and every scheme but http and https', () => {
    const guard = createAddressGuard({ allowHttp: true })
    const urls = TRICKS.map((trick) => trick.replaceAll('HOST', '127.0.0.1'))
    for (const url of urls) expect(() => guard.check(url, 'input'), JSON.stringify(url)).toThrow(AddressNotAllowedError)
    for (const url of [
      'https://user@example.com/',
      'https://u:p@example.com/',
      `https://${'a.'.repeat(130)}example/`,
    ]) {
      expect(() => guard.check(url, 'input'), url).toThrow(AddressNotAllowedError)
    }
  })

  it('refuses generated spellings of generated private addresses', async () => {
    const trap = await startTrap()
    await fc.assert(
      fc.asyncProperty(privateIpv4, spelling, async (address, spell) => {
        await expect(reach(spell(address), trap.port)).rejects.toThrow(AddressNotAllowedError)
      }),
      { numRuns: 300 },
    )
    expect(trap.connections()).toBe(0)
  })

  it('refuses a name when any of its addresses is not public, also among public ones', async () => {
    const trap = await startTrap()
    for (const found of [
      ['127.0.0.1'],
      ['1.1.1.1', '127.0.0.1'],
      ['10.0.0.1', '1.1.1.1'],
      ['::1'],
      ['1.1.1.1', 'fe80::1%lo'],
      [],
    ]) {
      const lookup = resolvesTo(...found)
      await expect(reach('rebind.example', trap.port, { lookup })).rejects.toThrow(AddressNotAllowedError)
    }
    expect(trap.connections()).toBe(0)
  })

  it('answers for a name that nobody knows as for one of the own network, unless the operator has listed it', async () => {
    const lookup: LookupFunction = (name, options, callback) => {
      if (name.startsWith('inside')) return resolvesTo('10.0.0.1')(name, options, callback)
      callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }), [])
    }
    for (const host of ['inside.example', 'unknown.example']) {
      const error: unknown = await reach(host, 80, { lookup }).catch((cause: unknown) => cause)
      expect([String(error), (error as Error).cause], host).toEqual([
        'AddressNotAllowedError: address not allowed',
        undefined,
      ])
    }
    const listed = reach('unknown.example', 80, { lookup, allowHosts: ['unknown.example'] })
    await expect(listed).rejects.toMatchObject({ code: 'ENOTFOUND' })
  })

  it('refuses port 0, also of a host that is listed for any port', async () => {
    const guard = createAddressGuard({ allowHosts: ['minio', '127.0.0.0/8'] })
    for (const host of ['example.com', 'minio', '127.0.0.1', '1.1.1.1', '[::1]']) {
      for (const scheme of ['http', 'https']) {
        const url = `${scheme}://${host}:0/`
        for (const purpose of ['input', 'webhook'] as const) {
          expect(() => guard.check(url, purpose), url).toThrow(AddressNotAllowedError)
        }
      }
    }
    await expect(reach('127.0.0.1', 0, { allowHosts: ['127.0.0.1'] })).rejects.toThrow(AddressNotAllowedError)
  })

  it('lets the connected address decide, when a name answers with a public address first and a private one then', async () => {
    const trap = await startTrap()
    const answers = ['1.1.1.1', '127.0.0.1', '127.0.0.1']
    const rebinding: LookupFunction = (name, options, callback) => resolvesTo(answers.shift()!)(name, options, callback)
    /** Behaves like a client that looks a name up once to check it and once more to connect. */
    const careless: typeof buildConnector = (options) => (wanted, callback) => {
      const { lookup } = options as { lookup: LookupFunction }
      lookup(wanted.hostname, { all: true }, (error) => {
        if (error) return callback(error, null)
        buildConnector({ lookup: rebinding } as buildConnector.BuildOptions)(wanted, callback)
      })
    }
    const options = { lookup: rebinding, buildConnector: careless }
    await expect(reach('rebind.example', trap.port, options)).rejects.toThrow(AddressNotAllowedError)
    expect(answers).toEqual(['127.0.0.1'])
  })

  it('says nothing but that the address is not allowed', async () => {
    const trap = await startTrap()
    const open = await reach('127.0.0.1', trap.port).catch((error: unknown) => error)
    const closed = await reach('127.0.0.1', 1).catch((error: unknown) => error)
    for (const error of [open, closed] as Error[]) {
      expect([String(error), Object.entries(error), error.cause]).toEqual([
        'AddressNotAllowedError: address not allowed',
        [['name', 'AddressNotAllowedError']],
        undefined,
      ])
    }
  })

  it('lets public addresses through, by name and by number', () => {
    const guard = createAddressGuard()
    for (const url of [
      'https://example.com/hook?x=1',
      'https://example.com.:443/',
      'https://1.1.1.1/',
      'https://[2606:4700:4700::1111]/',
    ]) {
      expect(guard.check(url, 'webhook').href).toBe(new URL(url).href)
    }
    const publicOnes = [
      '1.1.1.1',
      '8.8.8.8',
      '100.63.255.255',
      '100.128.0.1',
      '172.15.0.1',
      '172.32.0.1',
      '::ffff:1.1.1.1',
    ]
    const publicV6 = ['2606:4700:4700::1111', '2a00:1450:4001:81b::200e', '2003::1']
    expect([...publicOnes, ...publicV6].filter((address) => !isPublicAddress(address))).toEqual([])
  })

  it('asks for https and a usual port: webhooks always, inputs may be http', () => {
    const guard = createAddressGuard()
    const refused = (url: string, purpose: 'webhook' | 'input') => {
      expect(() => guard.check(url, purpose), url).toThrow(AddressNotAllowedError)
    }
    refused('http://example.com/', 'webhook')
    for (const port of [22, 25, 6379, 8080, 8443]) refused(`https://example.com:${port}/`, 'input')
    expect(guard.check('http://example.com/a.png', 'input').port).toBe('')
    expect(guard.check('http://example.com:443/', 'input').port).toBe('443')
    expect(createAddressGuard({ allowHttp: true }).check('http://example.com/', 'webhook').protocol).toBe('http:')
    expect(createAddressGuard({ ports: [8443] }).check('https://example.com:8443/', 'webhook').port).toBe('8443')
  })

  it('holds to scheme and port at the connection too, whoever forgot to check', async () => {
    const lookup = resolvesTo('1.1.1.1')
    await expect(reach('example.com', 8080, { lookup, ports: [443] })).rejects.toThrow(AddressNotAllowedError)
    await expect(reach('example.com', 80, { lookup, allowHttp: false })).rejects.toThrow(AddressNotAllowedError)
  })
})

describe('the allow-list', () => {
  it.each([
    ['a name', ['minio']],
    ['a name, whatever its case and with a trailing dot', ['MinIO.']],
    ['a name and a port', ['minio:PORT']],
    ['an address', ['127.0.0.1']],
    ['an address and a port', ['127.0.0.1:PORT']],
    ['a range', ['127.0.0.0/8']],
  ])('lets a private host through by %s, with plain http and on any port', async (_by, entries) => {
    const trap = await startTrap()
    const allowHosts = entries.map((entry) => entry.replace('PORT', String(trap.port)))
    const options = { allowHosts, ports: [443], allowHttp: false, lookup: resolvesTo('127.0.0.1') }
    expect(createAddressGuard(options).check(`http://minio:${trap.port}/`, 'webhook').hostname).toBe('minio')
    expect(await reach('minio', trap.port, options)).toBe(200)
    expect(await reach('minio.', trap.port, options)).toBe(200)
  })

  it('lets nothing else through: not another name, port or address', async () => {
    const trap = await startTrap()
    const lookup = resolvesTo('127.0.0.1')
    for (const entry of ['other', 'minio:1', '127.0.0.2', '127.0.0.1:1', '10.0.0.0/8', '::/0', 'sub.minio', 'mini']) {
      const options = { allowHosts: [entry], lookup }
      await expect(reach('minio', trap.port, options), entry).rejects.toThrow(AddressNotAllowedError)
    }
    const byRange = { allowHosts: ['10.0.0.0/8'], lookup: resolvesTo('1.1.1.1'), ports: [443] }
    await expect(reach('example.com', trap.port, byRange)).rejects.toThrow(AddressNotAllowedError)
    expect(trap.connections()).toBe(0)
  })

  it('refuses at the start an entry that it cannot read, and names it', () => {
    for (const entry of ['', 'http://minio', 'minio/path', 'user@minio', '10.0.0.0/33', 'a b', '1.2.3.4.5', ':80']) {
      expect(() => createAddressGuard({ allowHosts: [entry] }), entry).toThrow(TypeError)
    }
  })
})

const byte = fc.integer({ min: 0, max: 255 })
const privateIpv4 = fc
  .oneof(
    fc.tuple(fc.constantFrom(0, 10, 127, 224, 239, 240, 255), byte, byte, byte),
    fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
    fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
    fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
    fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), byte, byte),
  )
  .map((parts) => parts as number[])

const hex = (number: number, digits = 1) => number.toString(16).padStart(digits, '0')
const pairs = ([a, b, c, d]: number[]) => `${hex(a! * 256 + b!)}:${hex(c! * 256 + d!)}`
const whole = (parts: number[]) => parts.reduce((sum, part) => sum * 256 + part, 0)
const fullWidth = (text: string) => text.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))

const spelling = fc.constantFrom<((parts: number[]) => string)[]>(
  (parts) => parts.join('.'),
  (parts) => parts.map((part) => `0x${hex(part)}`).join('.'),
  (parts) => parts.map((part) => `0${part.toString(8)}`).join('.'),
  (parts) => String(whole(parts)),
  (parts) => `0x${hex(whole(parts))}`,
  (parts) => `0${whole(parts).toString(8)}`,
  ([a, b, c, d]) => `${a}.${b}.${c! * 256 + d!}`,
  ([a, b, c, d]) => `${a}.0x${hex(whole([b!, c!, d!]))}`,
  (parts) => fullWidth(parts.join('。')),
  (parts) => `[::ffff:${parts.join('.')}]`,
  (parts) => `[::ffff:${pairs(parts)}]`,
  (parts) => `[::${parts.join('.')}]`,
  (parts) => `[64:ff9b::${pairs(parts)}]`,
  (parts) => `[2002:${pairs(parts)}::1]`,
)

it('the generator makes private addresses only', () => {
  fc.assert(
    fc.property(privateIpv4, (parts) => {
      expect(isIPv4(parts.join('.')) && !isPublicAddress(parts.join('.'))).toBe(true)
    }),
  )
})
