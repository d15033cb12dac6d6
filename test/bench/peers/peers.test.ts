import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runLoad } from '../load/run-load.ts'
import { get, post } from '../stacks/bench-stack.ts'
import type { ServedStack } from '../stacks/start-peer-stack.ts'
import { MILLRACE, PEER } from './measure-peer.ts'
import { QUEUE_PEERS } from './queue-peers.ts'
import { lineOfPeer, renderPeer, renderPeers, renderSkipped } from './render-peers.ts'
import { SERVER_PEERS } from './server-peers.ts'
import { surviveCrash } from './survive-crash.ts'

/** A stack that is done with a job when it is read for the second time, and knows only those in `known`. */
const known = new Map<string, number>()
let server: Server
let url: string

beforeAll(async () => {
  server = createServer((request, response) => {
    const id = request.method === 'POST' ? String(known.size) : (request.url?.split('/').at(-1) ?? '')
    const reads = known.get(id)
    if (request.method === 'POST') known.set(id, 0)
    else if (reads !== undefined) known.set(id, reads + 1)
    const status = (reads ?? 0) > 0 ? 'succeeded' : 'queued'
    response.writeHead(request.method === 'POST' ? 202 : reads === undefined ? 404 : 200)
    response.end(JSON.stringify({ id, status }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

const JOBS = { submitStatus: 202, doneText: '"status":"succeeded"' }

describe('the comparison with peers', () => {
  it('counts a burst as done when every job of it has been read as done', async () => {
    known.clear()
    const result = await runLoad({
      ...{ kind: 'burst', url, connections: 4, count: 20, submit: post('/jobs', {}), expectStatus: 202 },
      ...{ read: get('/jobs/{id}'), pollMs: 1, expectText: JOBS.doneText },
    })
    expect([result.requests, result.wrong]).toEqual([20, 0])
    expect([...known.values()]).toEqual(Array.from({ length: 20 }, () => 2))
  })

  it('counts what a killed stack has accepted and still does', async () => {
    known.clear()
    const crash = async (): Promise<void> => {
      for (const [n, id] of [...known.keys()].entries()) {
        if (n < 30) known.set(id, 1)
        else known.delete(id)
      }
    }
    const submit = () => post('/jobs', {})
    const stack: ServedStack = { ...JOBS, url, pids: {}, submit, crash, stop: async () => undefined }
    const survival = await surviveCrash(stack, get('/jobs/{id}'), 1)
    expect(survival).toMatchObject({ accepted: 100, done: 30 })
  })

  it('shows each figure of a peer beside that of Millrace, and how many times as much', () => {
    const figures = (value: number) => (variant: string) => (variant === PEER ? value : value * 3)
    const measured = {
      rounds: {},
      median: (variant: string, figure: string) => figures(figure === 'jobUs' ? 1000 : 10)(variant),
      ratio: () => ({ median: 3, lowest: 2, highest: 4 }),
    }
    const megabytes = { [PEER]: 100.4, [MILLRACE]: 300 }
    const survival = {
      [PEER]: { accepted: 100, done: 92, seconds: 6.2, waited: 80.4 },
      [MILLRACE]: { accepted: 100, done: 100, seconds: 36, waited: 36 },
    }
    expect(renderPeer('Peer', { measured, megabytes, survival })).toBe(
      '| Peer | 10 (30; 3.00 ×) | 10 (30; 3.00 ×) | 1,000 (3,000; 3.00 ×) | 10.0 / 10.0 (30.0 / 30.0) | 100 (300) | 92 of 100 in 6 s, 8 not back in 80 s (100 of 100 in 36 s) |',
    )
    expect(renderPeer('Server', { measured, megabytes, survival: {} })).toContain('| no queue |')
    expect(renderSkipped('Peer', 'pip could not install it').split('|')).toHaveLength(9)
  })

  it('finds the line of a peer that was left out in an earlier file, and not that of one whose name begins alike', () => {
    const lines = ['| Peer, late (peer 1, MIT) | 1 |', '| Peer (peer 1, MIT) | 2 |', renderSkipped('Other', 'no index')]
    const file = renderPeers([['Node', '20']], 3, lines)
    expect(['Peer', 'Other', 'Pee'].map((name) => lineOfPeer(name, file))).toEqual([lines[1], lines[2], undefined])
  })

  it('has a name of its own for each peer, and a place for the id where one is read', () => {
    const all = [...QUEUE_PEERS, ...SERVER_PEERS]
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length)
    for (const { read } of all) if (read) expect(read.path).toContain('{id}')
  })
})
