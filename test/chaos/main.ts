/**
 * `npm run chaos`: breaks Millrace on purpose and looks whether anything was lost. Exit codes: 0 nothing was wrong,
 * 1 something was, 2 the run itself could not be carried out.
 *
 *   --short, --tiny, --zombies, --gentle, --rolling   another shape than 10,000 jobs; see chaos-options.ts
 *   --redis <kind>               server (if left out), cluster or sentinel: a primary is killed, a replica takes its place
 *   --seed <number>              plan the same jobs and faults again
 *   --plant <bug>                run on a copy of the house with a bug in it: must end with 1
 *   --mutants                    plant each bug in turn: 0 when every one was found
 *   --batch [--rows <number>]    one batch, of 50,000 rows if left out, and everything killed half way
 */
import { parseArgs } from 'node:util'
import { BATCH_LIMITS } from '@millrace/contracts'
import { runBatch } from './batch/run-batch.ts'
import { optionsFor, type PresetName } from './chaos-options.ts'
import { REDIS_KINDS, type RedisKind } from './faults/chaos-redis.ts'
import { BUGS, type BugName, runPlanted } from './faults/plant-bug.ts'
import { printReport } from './print-report.ts'
import { runChaos } from './run-chaos.ts'

const say = (line: string): void => console.log(line)

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      short: { type: 'boolean' },
      tiny: { type: 'boolean' },
      zombies: { type: 'boolean' },
      gentle: { type: 'boolean' },
      rolling: { type: 'boolean' },
      seed: { type: 'string' },
      redis: { type: 'string' },
      plant: { type: 'string' },
      mutants: { type: 'boolean' },
      batch: { type: 'boolean' },
      rows: { type: 'string' },
    },
  })
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed)
  if (!Number.isInteger(seed)) throw new RangeError(`--seed ${values.seed} is not a whole number`)
  if (values.batch) return runOneBatch(Number(values.rows ?? BATCH_LIMITS.rows))
  if (values.mutants) return runMutants(seed)
  if (values.plant !== undefined) return runPlanted(bugNamed(values.plant), seed)
  const sizes = ['short', 'tiny', 'zombies', 'gentle', 'rolling'] as const
  const preset: PresetName = sizes.find((size) => values[size]) ?? 'long'
  const redis = kindNamed(values.redis ?? 'server')
  say(`chaos ${preset} on ${redis}, seed ${seed}`)
  const result = await runChaos(optionsFor(preset, redis, seed), say)
  printReport(result, say)
  return result.offences.length === 0 ? 0 : 1
}

function kindNamed(name: string): RedisKind {
  const known = REDIS_KINDS.find((kind) => kind === name)
  if (known === undefined) throw new RangeError(`there is no kind ${name}; there are ${REDIS_KINDS.join(', ')}`)
  return known
}

function bugNamed(name: string): BugName {
  const known = (Object.keys(BUGS) as BugName[]).find((bug) => bug === name)
  if (known === undefined) throw new RangeError(`there is no bug ${name}; there are ${Object.keys(BUGS).join(', ')}`)
  return known
}

async function runOneBatch(rows: number): Promise<number> {
  if (!Number.isInteger(rows) || rows < 1) throw new RangeError('--rows takes a whole number')
  const { offences, batch, seconds, memory } = await runBatch(rows, say)
  say(`${batch.status} after ${Math.round(seconds)} s: ${JSON.stringify(batch.counts)}`)
  for (const { early, late, peak } of memory)
    say(`memory of an API: ${early} MB early, ${late} MB late, ${peak} MB at most`)
  for (const offence of offences) say(`WRONG: ${offence}`)
  return offences.length === 0 ? 0 : 1
}

async function runMutants(seed: number): Promise<number> {
  const missed: string[] = []
  for (const bug of Object.keys(BUGS) as BugName[]) {
    say(`--- ${bug}: ${BUGS[bug].means}`)
    const code = await runPlanted(bug, seed)
    if (code !== 1) missed.push(bug)
    say(`--- ${bug}: ${code === 1 ? 'found' : `MISSED (exit code ${code})`}`)
  }
  say(missed.length === 0 ? 'every planted bug was found' : `planted bugs that were missed: ${missed.join(', ')}`)
  return missed.length === 0 ? 0 : 1
}

process.once('SIGINT', () => process.exit(130))
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  return 2
})
