/** The table of peers: each figure of a peer, and in brackets that of Millrace in the same rounds. Called by peers-main.ts. */
import { MILLRACE, PEER, type PeerResult } from './measure-peer.ts'
import type { Survival } from './survive-crash.ts'

export const PEERS_HEAD: readonly string[] = [
  '| stack | submits/s, 64 clients | jobs/s, no-op | CPU µs per job, all processes | idle p50 / p99, ms | idle MB | 100 accepted, all that serves killed, restarted |',
  '|---|---|---|---|---|---|---|',
]

export function renderPeer(title: string, result: PeerResult): string {
  const { measured, megabytes, survival } = result
  const compare = (figure: string): string => {
    const [theirs, ours] = [PEER, MILLRACE].map((variant) => whole.format(measured.median(variant, figure)))
    return `${theirs} (${ours}; ${times(measured.ratio(MILLRACE, PEER, figure).median)})`
  }
  const latency = (variant: string): string =>
    ['p50Ms', 'p99Ms'].map((figure) => measured.median(variant, figure).toFixed(1)).join(' / ')
  const hasQueue = survival[PEER] !== undefined
  return row([
    title,
    hasQueue ? compare('submitsPerSecond') : 'no queue',
    compare('jobsPerSecond'),
    compare('jobUs'),
    `${latency(PEER)} (${latency(MILLRACE)})`,
    `${whole.format(megabytes[PEER] as number)} (${whole.format(megabytes[MILLRACE] as number)})`,
    hasQueue ? `${told(survival[PEER])} (${told(survival[MILLRACE])})` : 'what runs is lost',
  ])
}

/** In place of figures. */
export const renderSkipped = (title: string, why: string): string => row([title, `not measured: ${why}`, ...EMPTY])

const EMPTY = ['', '', '', '', '']
const row = (cells: string[]): string => `| ${cells.join(' | ')} |`
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const times = (ratio: number): string => `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2)} ×`

function told(survival?: Survival): string {
  if (!survival) return '–'
  const { accepted, done, seconds, waited } = survival
  if (done === accepted) return `${done} of ${accepted} in ${seconds.toFixed(0)} s`
  const rest = `${accepted - done} not back in ${waited.toFixed(0)} s`
  return done === 0 ? `0 of ${accepted}, ${rest}` : `${done} of ${accepted} in ${seconds.toFixed(0)} s, ${rest}`
}

/** The line of a peer in an earlier file, be it measured or skipped. */
export const lineOfPeer = (name: string, file: string): string | undefined =>
  file.split('\n').find((line) => line.startsWith(`| ${name} (`) || line.startsWith(`| ${name} |`))

/** The whole file. `lines`: of the table. */
export const renderPeers = (machine: [string, string][], rounds: number, lines: readonly string[]): string =>
  [
    '# Measured by `npm run bench:peers`',
    '',
    `Medians of ${rounds} interleaved rounds, the first thrown away. In brackets Millrace in the same rounds, and how many times`,
    'the figure of the peer that is. Eight slots on either side; an input of 1 KB; clients ask every 5 ms where nothing can be',
    'waited for. `npm run bench:peers -- --only KEY` prints one line again.',
    '',
    ...machine.map(([name, value]) => `- ${name}: ${value}`),
    '',
    ...PEERS_HEAD,
    ...lines,
    '',
  ].join('\n')
