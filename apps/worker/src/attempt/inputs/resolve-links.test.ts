import { setMaxListeners } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { InputFile } from '@millrace/contracts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../../test/support/until.ts'
import { createLinkPlaces } from '../../places/link-places.ts'
import { aRecord, done, JOB_ID, openBench, sha256, untilAborted } from '../attempt.fixture.ts'

/** Files that an input names by address, against real servers on this machine. */

const FILE_ID = `file_${JOB_ID.slice(4)}_i0`
const PNG = Buffer.concat([
  Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x04\0\0\0\x04', 'latin1'),
  Buffer.alloc(50_000, 7),
])

async function serve(handle: RequestListener): Promise<string> {
  const server = createServer(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const link = (url: string, accept = 'image/*'): InputFile => ({ id: FILE_ID, pointer: '/image', url, accept })

async function attemptWith(url: string, options: Parameters<typeof openBench>[0] = {}, accept?: string) {
  const bench = await openBench(options)
  bench.store.given.push(aRecord({ input_files: [link(url, accept)] }))
  return { ...bench, handled: bench.attempt() }
}

async function refusedFor(url: string, options: Parameters<typeof openBench>[0] = {}, accept?: string) {
  const { store, handled, runner } = await attemptWith(url, options, accept)
  await handled
  const [told] = store.told
  if (told?.as !== 'fail') throw new Error(`it ended as ${told?.as}`)
  expect([runner.mostRunning, store.resolved]).toEqual([0, []])
  return { blame: told.blame, code: told.error.code, details: told.error.details, message: told.error.message }
}

test('what an address serves is stored, written down, and handed to the model', async () => {
  let seen: unknown
  const base = await serve((_, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(PNG))
  const { store, handled, objects } = await attemptWith(`${base}/dir/my%20scan.png?token=secret`, {
    script: async ({ files }) => ((seen = files), done({})),
  })
  await handled
  const facts = { name: 'my-scan.png', content_type: 'image/png', size: PNG.length, sha256: sha256(PNG) }
  expect(seen).toMatchObject([{ pointer: '/image', ...facts }])
  const [resolved] = store.resolved
  expect(resolved).toMatchObject([{ id: FILE_ID, ...facts, key: expect.stringMatching(/^blobs\/acme\/[0-9a-z]{26}$/) }])
  expect(JSON.stringify(resolved)).not.toContain('secret')
  const [file] = resolved ?? []
  const stored = await objects.get(file && 'key' in file ? file.key : '')
  expect(Buffer.concat(await stored.toArray()).equals(PNG)).toBe(true)
})

test('an attempt that was fenced out meanwhile says nothing', async () => {
  const base = await serve((_, response) => response.end(PNG))
  const { store, handled, runner } = await attemptWith(base)
  store.resolveAnswer = false
  expect(await handled).toBe('over')
  expect([store.told, runner.mostRunning]).toEqual([[], 0])
})

test('a slow address holds no slot, and lets another job be held in its place', async () => {
  const base = await serve((_, response) => void response.write('x'))
  const bench = await attemptWith(base, { script: async ({ input }) => done(input), fetchLimits: { bodyMs: 60_000 } })
  await until('it steps aside', () => bench.deps.inFlight.target === 2)
  const other = `job_${'b'.repeat(34)}`
  bench.store.given.push(aRecord({ id: other }))
  await bench.attempt()
  expect(bench.store.told).toMatchObject([{ as: 'succeed' }])
  const withIt = bench.deps.inFlight.target
  bench.cancels.get(JOB_ID)?.()
  await bench.handled
  expect(bench.deps.inFlight.target).toBe(withIt - 1)
})

test('a cancel ends the fetching at once', async () => {
  let [open, closed] = [false, false]
  const base = await serve((_, response) => {
    open = true
    response.on('close', () => (closed = true)).write('x')
  })
  const { handled, cancels, store } = await attemptWith(base, { script: untilAborted, fetchLimits: { bodyMs: 60_000 } })
  await until('it is fetched', () => open)
  cancels.get(JOB_ID)?.()
  await handled
  expect(store.told).toEqual([{ as: 'stop' }])
  await until('the connection is closed', () => closed)
})

test('a redirect into the own network is refused for good, and told without the address', async () => {
  const base = await serve((_, response) => response.writeHead(302, { location: 'http://169.254.169.254/meta' }).end())
  const refused = await refusedFor(`${base}/?key=hunter2`)
  expect(refused).toMatchObject({ blame: 'final', code: 'invalid_input', details: { code: 'input_url_forbidden' } })
  expect(JSON.stringify(refused)).not.toMatch(/169|127|hunter2/)
})

test.each(['http://10.0.0.1/a', 'file:///etc/passwd', 'gopher://127.0.0.1/', 'http://u:p@127.0.0.1/'])(
  'the address %s is never asked',
  async (url) => {
    expect(await refusedFor(url)).toMatchObject({ blame: 'final', details: { code: 'input_url_forbidden' } })
  },
)

test('an answer of 10 GB is refused by what it announces, and by what it sends', async () => {
  const announced = await serve(
    (_, response) => void response.writeHead(200, { 'content-length': String(10 * 1024 ** 3) }).write('x'),
  )
  expect(await refusedFor(announced)).toMatchObject({ details: { code: 'input_url_too_large' } })
  let sent = 0
  const endless = await serve((_, response) => {
    const more = () => {
      while (!response.destroyed && (sent += 65_536) && response.write(Buffer.alloc(65_536)));
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).on('drain', more)
    more()
  })
  expect(await refusedFor(endless, {}, '')).toMatchObject({ blame: 'final', details: { code: 'input_url_too_large' } })
  expect(sent).toBeLessThan(50_000_000)
})

test('content that is not what it is served as is refused', async () => {
  const html = await serve((_, response) => response.writeHead(200, { 'content-type': 'image/png' }).end('<html>login'))
  expect(await refusedFor(html)).toMatchObject({ code: 'invalid_input', details: { code: 'type_mismatch' } })
  const pdf = await serve((_, response) => response.end('%PDF-1.7'))
  expect(await refusedFor(pdf)).toMatchObject({ details: { code: 'type_mismatch', pointer: '/image' } })
  const bomb = await serve((_, response) => {
    const huge = Buffer.from(PNG)
    huge.writeUInt32BE(100_000, 16)
    huge.writeUInt32BE(100_000, 20)
    response.writeHead(200, { 'content-type': 'image/png' }).end(huge)
  })
  expect(await refusedFor(bomb)).toMatchObject({ blame: 'final', details: { code: 'too_many_pixels' } })
})

test('nothing is unpacked: a packed answer is refused, and an archive reaches the model as it is', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000))
  const packed = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb))
  expect(await refusedFor(packed, {}, '')).toMatchObject({ blame: 'final', details: { code: 'input_url_refused' } })
  let seen: unknown
  const archive = await serve((_, response) =>
    response.writeHead(200, { 'content-type': 'application/gzip' }).end(bomb),
  )
  const script: NonNullable<Parameters<typeof openBench>[0]>['script'] = async ({ files }) => ((seen = files), done({}))
  await (await attemptWith(archive, { script }, '')).handled
  expect(seen).toMatchObject([{ content_type: 'application/gzip', size: bomb.length, sha256: sha256(bomb) }])
})

test('what is gone is refused for good; what may come back is tried again', async () => {
  const gone = await serve((_, response) => response.writeHead(404).end())
  expect(await refusedFor(gone)).toMatchObject({
    blame: 'final',
    details: { code: 'input_url_not_found', status: 404 },
  })
  const busy = await serve((_, response) => response.writeHead(503).end())
  const again = { blame: 'source', code: 'input_unavailable', details: { code: 'input_url_unavailable' } }
  expect(await refusedFor(busy)).toMatchObject(again)
  const cut = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '5000' }).write(PNG.subarray(0, 100))
    setImmediate(() => response.destroy())
  })
  expect(await refusedFor(cut)).toMatchObject(again)
})

describe('servers that dawdle', () => {
  /** Serves without end, a byte now and then. */
  const startDrip = async () => {
    let open = 0
    const base = await serve((_, response) => {
      open++
      response.write('x')
      const timer = setInterval(() => response.write('x'), 20)
      response.on('close', () => {
        open--
        clearInterval(timer)
      })
    })
    return { base, open: () => open }
  }
  const idOf = (number: number) => `job_${String(number).padStart(34, 'b')}`
  const openSlowBench = async () => {
    const bench = await openBench({ fetchLimits: { bodyMs: 60_000, slowMs: 60_000 } })
    setMaxListeners(0, bench.drain.signal, bench.halt.signal)
    bench.store.release = async (_hold, _begun, delayMs = 0) => {
      bench.store.told.push({ as: 'release', delayMs })
      return { outcome: 'queued', delayMs }
    }
    return bench
  }

  test('a hundred jobs of one hold so many places, the rest goes back, and a plain job runs at once', async () => {
    const { base, open } = await startDrip()
    const bench = await openSlowBench()
    bench.deps.links.places = createLinkPlaces({ inAll: 8, perHost: 3 })
    const begin = (id: string, url?: string, tenant = 'acme') => {
      bench.store.given.push(aRecord({ id, tenant, ...(url && { input_files: [link(url)] }) }))
      return bench.attempt()
    }
    const ids = Array.from({ length: 100 }, (_, i) => idOf(i))
    const handled = ids.map((id) => begin(id, `${base}/${id}`))
    await until('three are fetched', () => open() === 3)
    const back = await Promise.all(handled.slice(3))
    expect(new Set(back)).toEqual(new Set(['back']))
    const waits = bench.store.told.map((told) => (told.as === 'release' ? (told.delayMs ?? 0) : 0))
    expect([Math.min(...waits) >= 900, Math.max(...waits) < 10_000, new Set(waits.map(Math.round)).size > 90]).toEqual([
      true,
      true,
      true,
    ])
    expect(bench.deps.inFlight.target).toBe(4)
    expect(await begin(idOf(100))).toBe('over')
    expect(bench.store.told.at(-1)).toMatchObject({ as: 'succeed' })

    const other = await serve((_, response) => response.end(PNG))
    expect(await begin(idOf(101), other)).toBe('over')
    for (const id of ids.slice(0, 3)) bench.cancels.get(id)?.()
    await Promise.all(handled)
    await until('they are let go', () => open() === 0)
    const after = begin(idOf(102), `${base}/after`)
    await until('there is a place again', () => open() === 1)
    bench.cancels.get(idOf(102))?.()
    await after
  })

  test('the files of one job have an end together', async () => {
    const { base } = await startDrip()
    const bench = await openSlowBench()
    bench.deps.links.totalMs = 100
    bench.store.given.push(aRecord({ input_files: [link(base)] }))
    await bench.attempt()
    const error = { code: 'input_unavailable', details: { code: 'input_url_unavailable', faults: ['timeout'] } }
    expect(bench.store.told).toMatchObject([{ as: 'fail', blame: 'source', error }])
  })

  test('a job whose files are fetched makes way when its process is to become idle, and comes back soon', async () => {
    const { base, open } = await startDrip()
    const bench = await openSlowBench()
    bench.store.given.push(aRecord({ input_files: [link(base)] }))
    const dawdling = bench.attempt()
    await until('it is fetched', () => open() === 1)
    bench.deps.gate.becomeIdle(() => undefined)
    expect(await dawdling).toBe('back')
    expect(bench.store.told).toMatchObject([{ as: 'release', delayMs: 1000 }])
    await until('it is let go', () => open() === 0)
  })

  test('a suspect fetches its files beside others and goes back with them, without a run', async () => {
    const bench = await openSlowBench()
    const base = await serve((_, response) => response.end(PNG))
    bench.store.given.push(aRecord({ lost: 1, input_files: [link(base)] }))
    expect(await bench.attempt()).toBe('back')
    expect([bench.store.resolved.length, bench.runner.mostRunning]).toEqual([1, 0])
    expect(bench.store.told).toMatchObject([{ as: 'release', delayMs: 0 }])
  })
})
