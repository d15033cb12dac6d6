/**
 * Row 8: how busy a device is while its jobs take 2 MB from a store that is some way off, and give it 2 MB. Bare is a worker that
 * does one thing after the other. The store is a real S3 server; what it answers is held back.
 */
import { findSeaweed } from '../../../support/servers/seaweed.ts'
import { type S3Server, startS3Server } from '../../../support/servers/s3-server.ts'
import { delayAnswers } from '../../stacks/delay-answers.ts'
import { median } from '../../measure/median.ts'
import { type Row, type RowContext, type RowResult, verdictOf } from '../row.ts'
import { feedOneByOne } from './feed-one-by-one.ts'
import { type FedRound, feedMillrace } from './feed-millrace.ts'

const LEAST_BUSY = 0.99

interface Scenario {
  row: string
  /** How long the model has the device. Milliseconds. */
  runMs: number
  /** How much longer each answer of the store takes. Milliseconds. */
  storeMs: number
}

const SCENARIOS: readonly Scenario[] = [
  { row: '8a', runMs: 50, storeMs: 20 },
  { row: '8b', runMs: 50, storeMs: 100 },
  { row: '8c', runMs: 10, storeMs: 20 },
]

export const feedingRow: Row = {
  number: 8,
  async run(context) {
    const seaweed = await findSeaweed()
    const server = await (seaweed.isMissing ? startS3Server() : seaweed.start())
    const note = seaweed.isMissing ? `The store is s3rver, for ${seaweed.title}.` : 'The store is SeaweedFS.'
    try {
      const results: RowResult[] = []
      for (const scenario of SCENARIOS) results.push(await measure(context, server, scenario, note))
      return results
    } finally {
      await server.close()
    }
  },
}

async function measure(context: RowContext, server: S3Server, scenario: Scenario, note: string): Promise<RowResult> {
  const { row, runMs, storeMs } = scenario
  const way = await delayAnswers(server.endpoint, storeMs)
  const load = { store: { ...server, endpoint: way.url }, runMs, jobs: Math.ceil(context.roundMs / runMs) }
  try {
    const fed = await feedMillrace({ ...load, rounds: context.rounds })
    const busy = fed.map((round) => round.busy)
    const alone = await feedOneByOne({ ...load, jobs: Math.min(load.jobs, 20) })
    const [lowest, highest] = [Math.min(...busy), Math.max(...busy)]
    return {
      row,
      what: `Device busy, 2 MB in and out: model ${runMs} ms, store ${storeMs} ms away`,
      millrace: `${median(busy).toFixed(3)} (${lowest.toFixed(3)}–${highest.toFixed(3)})`,
      bare: alone.toFixed(3),
      target: `≥ ${LEAST_BUSY}`,
      met: verdictOf({ median: median(busy), lowest, highest }, (share) => share >= LEAST_BUSY),
      notes: [`${note} Between two runs ${median(fed.map(({ gapMs }) => gapMs)).toFixed(2)} ms, p50; ${cpuOf(fed)}`],
    }
  } finally {
    await way.close()
  }
}

const cpuOf = (fed: readonly FedRound[]): string =>
  `CPU of the worker ${median(fed.map(({ workerShare }) => workerShare)).toFixed(2)} of a core; bare does one thing after the other.`
