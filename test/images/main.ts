/**
 * `npm run test:images`: builds the images and runs docker-compose.yml with them, through all that may happen to it. Ends
 * with a table of what was measured, and `N passed, N failed`. Where no container engine can be had it says so in a line.
 *
 *   --if-running      go on only where an engine runs, or MILLRACE_TEST_IMAGES=1 is set: so does CI
 *   --engine FOLDER   where the own engine and all its images are kept, so that the next run is faster
 *   --only-build      build the images and stop there
 *   --keep            leave the stack as it is at the end, on an engine that ran before
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { getBaseImages } from './bases/get-base-images.ts'
import type { Engine } from './engine/engine.ts'
import { findEngine } from './engine/find-engine.ts'
import { buildImages } from './flow/build-images.ts'
import { killUnderLoad } from './flow/kill-under-load.ts'
import { beNewcomer } from './flow/newcomer.ts'
import { askDoctor } from './flow/ask-doctor.ts'
import { printBake } from './flow/print-bake.ts'
import { readLogs } from './flow/read-logs.ts'
import { weigh } from './flow/weigh.ts'
import { runOwnCog, runOwnTypescript } from './flow/own-models.ts'
import { type KnownFile, useProduct } from './flow/product.ts'
import { showRights } from './flow/rights.ts'
import { downAndUp, drainWorker, stopWithoutRedis } from './flow/stops.ts'
import { check, Report, seconds } from './report.ts'
import { ComposeStack } from './stack/compose-stack.ts'

const say = (line: string): void => console.log(line)
const begun = performance.now()

interface Options {
  'if-running'?: boolean
  engine?: string
  'only-build'?: boolean
  keep?: boolean
}

async function main(options: Options): Promise<number> {
  const mayStart = options['if-running'] !== true || process.env.MILLRACE_TEST_IMAGES === '1'
  const engine = await findEngine({ mayStart, folder: options.engine, say })
  if ('why' in engine) {
    say(`images: skipped, because ${engine.why}`)
    return 0
  }
  // Its daemon would outlive us.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void engine.end().then(() => process.exit(130)))
  const folder = mkdtempSync(join(tmpdir(), 'millrace-images-'))
  const report = new Report(say)
  try {
    await runAll({ engine, folder, report, options })
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await engine.end()
  }
  report.note('all of it', seconds(begun))
  for (const line of ['', ...report.table()]) say(line)
  return report.failed === 0 ? 0 : 1
}

interface Run {
  engine: Engine
  folder: string
  report: Report
  options: Options
}

async function runAll({ engine, folder, report, options }: Run): Promise<void> {
  const { docker } = engine
  report.note('engine', `${engine.name} (${seconds(begun)})`)
  const bases = await getBaseImages(engine, say)
  report.note('images of others', `${bases.note} (${seconds(begun)})`)
  await buildImages({ docker, bases, report })
  await report.step('docker-bake.hcl', () => printBake(docker))
  if (options['only-build'] || report.failed > 0) return
  await report.step('newcomer', () => beNewcomer(docker, bases.node, folder))
  const stack = await ComposeStack.open({ docker, bases, folder })
  await stack.remove()
  try {
    await useStack(stack, folder, report)
  } finally {
    if (!options.keep) await stack.remove()
  }
}

/** In this order: each step finds the stack as the one before left it. */
async function useStack(stack: ComposeStack, folder: string, report: Report): Promise<void> {
  let file: KnownFile | undefined
  const isUp = await report.step('docker compose up', async () => {
    await stack.up()
    return 'all parts are well'
  })
  if (!isUp) return
  await report.step('rights', () => showRights(stack))
  await report.step('doctor', () => askDoctor(stack))
  await report.step('product', async () => {
    const used = await useProduct(stack)
    file = used.file
    return used.figure
  })
  await report.step('memory, idle', () => weigh(stack))
  await report.step('scale', async () => {
    await stack.up(['--scale', 'worker=3', 'worker'])
    return `${(await stack.containers('worker')).length} workers`
  })
  await report.step('kills', () => killUnderLoad(stack))
  await report.step('drain', () => drainWorker(stack))
  await report.step('stop without Redis', () => stopWithoutRedis(stack))
  await report.step('down and up', () => {
    check(file !== undefined, 'there is no file to look for')
    return downAndUp(stack, file)
  })
  await report.step('logs', () => readLogs(stack))
  await report.step('own model, TypeScript', () => runOwnTypescript(stack, folder))
  await report.step('own model, Cog', () => runOwnCog(stack, folder))
}

const { values } = parseArgs({
  options: {
    'if-running': { type: 'boolean' },
    engine: { type: 'string' },
    'only-build': { type: 'boolean' },
    keep: { type: 'boolean' },
  },
})
process.exitCode = await main(values).catch((error: unknown) => {
  console.error(error)
  return 1
})
