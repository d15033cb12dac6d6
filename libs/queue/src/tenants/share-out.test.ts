/** Several share out the caps of tenants at once, and one of them stands still in between: with real scripts. */
import { expect, test } from 'vitest'
import { openQueueStand } from '../../../../test/support/open-queue-stand.ts'
import { newJob } from '../../../../test/support/open-test-queue.ts'
import { MODELS_KEY, prefixOfModel } from '../redis/keys.ts'
import { ModelNames } from '../redis/model-names.ts'
import { defineScripts, type RunScript } from '../scripts/define-scripts.ts'
import { ShareOut } from './share-out.ts'

const { raw, queue } = await openQueueStand({ lockMs: 600_000 })
const MODELS = ['x', 'y']
const caps = async () =>
  (await Promise.all(MODELS.map((model) => raw.hget(`${prefixOfModel(model)}policy`, 'acme')))).map((text) =>
    Number(text?.split(' ')[1]),
  )

function gate(): [passed: Promise<void>, open: () => void] {
  let open = (): void => undefined
  const passed = new Promise<void>((resolve) => (open = resolve))
  return [passed, open]
}

/** Stands still before its n-th call of that script, until it is let go on. */
function frozenAt(script: string, nth: number) {
  const run = defineScripts(raw)
  const [reached, reach] = gate()
  const [goneOn, goOn] = gate()
  let calls = 0
  const held = (async (name: Parameters<RunScript>[0], args: never) => {
    if (name === script && ++calls === nth) {
      reach()
      await goneOn
    }
    return run(name, args)
  }) as unknown as RunScript
  return { shares: new ShareOut(raw, held, new ModelNames(raw)), reached, goOn }
}

test.each([
  ['shares/touch', 1],
  ['shares/touch', 2],
  ['shares/set', 1],
  ['shares/set', 2],
  ['shares/set', 3],
  ['shares/set', 4],
] as const)('who stood still before %s (call %i) raises nothing by what it knew', async (script, nth) => {
  await raw.flushall()
  await raw.sadd(MODELS_KEY, ...MODELS)
  await queue.tenants.change('acme', { running_jobs: 10 })
  expect(await caps()).toEqual([5, 5])
  for (let i = 0; i < 20; i++) await queue.jobs.submit(newJob({ model: 'x', tenant: 'acme' }))

  const { shares, reached, goOn } = frozenAt(script, nth)
  const sharing = shares.shareOut(['acme'])
  await Promise.race([reached, sharing])
  // Meanwhile another one gives all to y.
  for (const { id } of (await queue.jobs.list({ tenant: 'acme', filter: { model: 'x' }, limit: 20 })).records) {
    await queue.jobs.cancel(id, 'acme')
  }
  for (let i = 0; i < 20; i++) await queue.jobs.submit(newJob({ model: 'y', tenant: 'acme' }))
  await new ShareOut(raw, defineScripts(raw), new ModelNames(raw)).shareOut(['acme'])
  const [x = 0, y = 0] = await caps()
  expect(x + y).toBeLessThanOrEqual(10)
  goOn()
  await sharing
  expect(await caps()).toEqual([x, y])
})
