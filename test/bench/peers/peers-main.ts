/**
 * `npm run bench:peers [-- --quick --only rq,celery]`: what people use in our place, each beside Millrace in the same run. A
 * peer is installed into a virtual environment of its own; one that can't be is skipped, and the table says why. Clients ask
 * every 5 ms where a job has to be asked for. A run that is not quick writes PEERS.md, where the lines of peers that it left out stay; all take about an hour.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeMachine } from '../describe-machine.ts'
import { startLoadGenerator } from '../load/start-load-generator.ts'
import { describePackage, makeVirtualEnvironment } from './make-virtual-environment.ts'
import { measurePeer, type PeerPace } from './measure-peer.ts'
import type { Peer } from './peer.ts'
import { QUEUE_PEERS } from './queue-peers.ts'
import { lineOfPeer, PEERS_HEAD, renderPeer, renderPeers, renderSkipped } from './render-peers.ts'
import { SERVER_PEERS } from './server-peers.ts'

const FILE = fileURLToPath(new URL('../PEERS.md', import.meta.url))
const FULL: PeerPace = { rounds: 3, roundMs: 4000, burst: 1000, singleJobs: 200, survivalMs: 80_000 }
const QUICK: PeerPace = { rounds: 1, roundMs: 800, burst: 200, singleJobs: 30, survivalMs: 15_000 }
const PEERS = [...QUEUE_PEERS, ...SERVER_PEERS]

const options = { quick: { type: 'boolean' }, only: { type: 'string' } } as const
const { quick = false, only } = parseArgs({ options }).values
const chosen = choose(only)
const generator = startLoadGenerator()
const lines = new Map<Peer, string>()
console.log(PEERS_HEAD.join('\n'))
try {
  for (const peer of chosen) {
    lines.set(peer, await lineOf(peer))
    console.log(lines.get(peer))
  }
} finally {
  generator.stop()
}
if (!quick) writeFileSync(FILE, renderPeers(describeMachine(), FULL.rounds, withEarlier()))

/** In the order of the table. */
function withEarlier(): string[] {
  const earlier = existsSync(FILE) ? readFileSync(FILE, 'utf8') : ''
  return PEERS.flatMap((peer) => lines.get(peer) ?? lineOfPeer(peer.name, earlier) ?? [])
}

function choose(keys: string | undefined): Peer[] {
  if (keys === undefined) return PEERS
  return keys.split(',').map((wanted) => {
    const found = PEERS.find(({ key }) => key === wanted)
    if (!found) throw new RangeError(`there is no peer ${wanted}; there are ${PEERS.map(({ key }) => key).join(', ')}`)
    return found
  })
}

/** A peer that fails says so in its line: the others are measured all the same. */
async function lineOf(peer: Peer): Promise<string> {
  try {
    const environment = await makeVirtualEnvironment(peer.packages)
    const { version, licence } = await describePackage(environment, peer.main)
    const title = `${peer.name} (${peer.main} ${version}, ${licence})`
    return renderPeer(title, await measurePeer(generator, peer, environment, quick ? QUICK : FULL))
  } catch (error) {
    return renderSkipped(peer.name, error instanceof Error ? error.message.split('\n')[0]! : String(error))
  }
}
