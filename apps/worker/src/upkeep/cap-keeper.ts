/**
 * Sees to it that the caps of tenants hold in all models and are where jobs wait. Runs in every worker; one of them has the turn.
 * Made by createUpkeep.
 */
import { createLoop, type Loop, WithLifecycle } from '@millrace/async'
import type { TenantUpkeep } from '@millrace/queue'
import type { FaultLog } from '../fault-log.ts'

/** A model that wants more of a tenant's cap waits about so long for it. Milliseconds. */
const EVERY_MS = 1000

export class CapKeeper extends WithLifecycle {
  protected readonly life: Loop

  constructor(tenants: TenantUpkeep, logFault: FaultLog) {
    super()
    this.life = createLoop({
      round: () => tenants.tend(),
      everyMs: EVERY_MS,
      onFault: (error) => logFault('The caps of tenants could not be shared out', error),
    })
  }
}
