/** Whether a runner does what it should: it runs an example of its model. Called by the quarantine of its slot. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Manifest } from '@millrace/contracts'
import type { Runner, RunOutcome } from '@millrace/host'
import { isIll } from '../../places/slot-health.ts'

/** Longest check. Seconds. */
const MOST_SECONDS = 300
/** A file of an example is an address or its bytes; the check runs without. */
const FILE = /^(data:|https?:)/

/** True where its model has no example without files: then it is enough that it has loaded. Never rejects. */
export async function checkRunner(runner: Runner, manifest: Manifest, signal: AbortSignal): Promise<boolean> {
  const example = manifest.examples?.find(({ input }) => !holdsFile(input))
  if (!example) return true
  const workDir = await mkdtemp(join(tmpdir(), 'millrace-check-'))
  try {
    return isIll(await run(runner, manifest, { input: example.input, workDir, signal })) === false
  } finally {
    await rm(workDir, { recursive: true, force: true })
  }
}

interface Check {
  input: unknown
  workDir: string
  signal: AbortSignal
}

function run(runner: Runner, { timeout_seconds }: Manifest, check: Check): Promise<RunOutcome> {
  const nothing = (): void => undefined
  return runner.run({
    ...{ id: `check-${Date.now()}`, kind: 'prediction', files: [], ...check },
    timeoutSeconds: Math.min(timeout_seconds, MOST_SECONDS),
    ...{ onProgress: nothing, onLog: nothing, onOutput: nothing },
  })
}

const holdsFile = (value: unknown): boolean => {
  if (typeof value === 'string') return FILE.test(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsFile)
}
