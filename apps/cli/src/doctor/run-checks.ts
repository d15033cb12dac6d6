/** Runs all checks of `millrace doctor`, in the order in which they are shown. */
import { parseSlots } from '@millrace/host'
import { checkDataFolder } from './check-data-folder.ts'
import { checkStoreOwner } from './check-store-owner.ts'
import { checkDevices } from './check-devices.ts'
import { checkModels } from './check-models.ts'
import { checkHooks } from './check-hooks.ts'
import { checkNode } from './check-node.ts'
import { checkPort } from './check-port.ts'
import { checkPython } from './check-python.ts'
import { checkRedis } from './check-redis.ts'
import { checkSettings } from './check-settings.ts'
import { checkStore } from './check-store.ts'
import { fail, type Finding, warn } from './finding.ts'

/** The part of Millrace that will run with these settings. */
export type Role = 'all' | 'api' | 'worker'

export interface RunChecksOptions {
  role: Role
  env: Readonly<Record<string, string | undefined>>
  /** How long one model may take to load. Milliseconds. */
  modelTimeoutMs: number
  cwd: string
}

/** Never rejects. When a check itself fails, that is a finding. */
export async function runChecks({ role, env, modelTimeoutMs, cwd }: RunChecksOptions): Promise<Finding[]> {
  const { config, findings: settings } = checkSettings(env, { serves: role !== 'worker' })
  const [serves, works] = [role !== 'worker', role !== 'api']
  // An API that keeps its files in a bucket writes nothing to disk.
  const writes = works || config.s3Bucket === undefined
  const data = await only(writes, () => guarded('data folder', async () => [await checkDataFolder(config.dataDir)]))
  const filesAtRisk = config.s3Bucket === undefined && data.some(({ status }) => status === 'fail')
  let device = 'cpu'
  const devices = async () => {
    const { findings, present } = await checkDevices({ slots: parseSlots(config.slots), env })
    device = present[0] ?? 'cpu'
    return findings
  }
  const [redis, store, gpu, port, python, hooks] = await Promise.all([
    guarded('redis', () => checkRedis(config, env.PATH)),
    filesAtRisk
      ? [warn('store', 'Files were not tried out: they would go to the data folder.', 'Mend the data folder first.')]
      : guarded('store', async () => [await checkStore(config)]),
    only(works, () => guarded('gpu', devices)),
    only(serves, () => guarded('port', async () => [await checkPort(config)])),
    only(works, () => guarded('python', async () => [await checkPython(config, env)])),
    only(config.hooks !== undefined, () => guarded('hooks', async () => [await checkHooks(config)])),
  ])
  const isWell = [...redis, ...store].every(({ status }) => status !== 'fail')
  const owner = isWell ? await guarded('store', () => checkStoreOwner(config)) : []
  const { models, python: named } = config
  const trying = { models, device, env, python: named, timeoutMs: modelTimeoutMs, cwd }
  const loads = await only(works, () => guarded('models', () => checkModels(trying)))
  const node = checkNode(process.versions.node)
  return [node, ...python, ...settings, ...hooks, ...redis, ...data, ...store, ...owner, ...gpu, ...port, ...loads]
}

const only = async (asked: boolean, run: () => Promise<Finding[]>): Promise<Finding[]> => (asked ? run() : [])

async function guarded(check: string, run: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await run()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return [fail(check, `This could not be checked: ${message}.`, 'Please report this as a fault of Millrace.')]
  }
}
