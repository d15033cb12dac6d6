/**
 * Does actions on many jobs: counts those that match, and if they are as many as was expected, does it to one page after the other. It may
 * die at any step; whoever looks next goes on where it was. One process at a time goes on with an action. Runs in every worker and in
 * every process of the API, for a line is often emptied because no worker is there.
 */
import { pause } from '@millrace/async'
import type { JobAction, JobId } from '@millrace/contracts'
import type { AuditLog, NewAuditEntry } from '../ports/access/audit-log.ts'
import type { ActionPart, ActionTurn, JobActionUpkeep, OpenJobAction } from '../ports/bulk/job-actions.ts'
import { newAuditId } from '../redis/keys.ts'

export interface JobActionRunnerDeps {
  actions: JobActionUpkeep
  /** Deletes the objects of jobs that were purged. What is left out by a fault is found by whoever purges what is due. */
  finishPurges(jobs: readonly { id: JobId; tenant: string }[]): Promise<void>
  audit: Pick<AuditLog, 'add'>
  onFault(error: unknown, id: string): void
}

/** From one turn to the next: so an action takes a fifth of Redis' time at most. Milliseconds. */
const TURN_MS = 5
/** Jobs in one turn: about a millisecond of Redis. */
const TURN_JOBS = 50
/** From one page of those that are only counted to the next. Milliseconds. */
const FOUND_MS = 2

export class JobActionRunner {
  readonly #deps: JobActionRunnerDeps

  constructor(deps: JobActionRunnerDeps) {
    this.#deps = deps
  }

  /** Goes on with each that is open and no other process' own. */
  async round(stopping?: AbortSignal): Promise<void> {
    for (const { id } of await this.#deps.actions.open()) {
      if (stopping?.aborted) return
      await this.goOn(id, stopping)
    }
  }

  /** Never rejects. */
  async goOn(id: string, stopping?: AbortSignal): Promise<void> {
    try {
      await this.count(id, stopping)
      const action = await this.#deps.actions.going(id)
      if (action) await this.#act(action, stopping)
    } catch (error) {
      this.#deps.onFault(error, id)
    }
  }

  /** Counts one that was not counted yet. */
  async count(id: string, stopping?: AbortSignal): Promise<void> {
    const { actions } = this.#deps
    const action = await actions.going(id)
    if (!action) return
    let matched = 0
    for (const model of action.models) {
      if ((await this.#take(id, stopping)) !== 'counting') return
      const part = await actions.part(action, model)
      const known = await actions.countByIndex(action, part)
      const counted = known ?? (await this.#countIn(action, part, stopping))
      if (counted === undefined) return
      matched += counted
    }
    if ((await this.#take(id, stopping)) === 'counting') await actions.counted(id, matched)
  }

  /** Undefined: it is to go no further. */
  async #countIn(action: OpenJobAction, part: ActionPart, stopping?: AbortSignal): Promise<number | undefined> {
    let matched = 0
    for (let after = ''; ; ) {
      if ((await this.#take(action.id, stopping)) !== 'counting') return undefined
      const { jobs, next, isLast } = await this.#deps.actions.find(action, part, after)
      matched += jobs.length
      if (isLast) return matched
      after = next
      await pause(FOUND_MS)
    }
  }

  async #act(action: OpenJobAction, stopping?: AbortSignal): Promise<void> {
    const { actions, audit } = this.#deps
    for (const model of action.models) if (!(await this.#actIn(action, model, stopping))) break
    const status = await this.#take(action.id, stopping)
    if (status !== 'running' && status !== 'stopping') return
    if (status === 'stopping') for (const model of action.models) await actions.halt(action, model)
    const ended = await actions.close(action)
    if (ended) await audit.add(toldOf(ended, action.tenant), { bounded: true })
  }

  /** True: all that match in that model had their turn. */
  async #actIn(action: OpenJobAction, model: string, stopping?: AbortSignal): Promise<boolean> {
    const { actions, finishPurges } = this.#deps
    let part = await actions.part(action, model)
    while (!part.isEnded) {
      if ((await this.#take(action.id, stopping)) !== 'running') return false
      for (const turn of inTurns(await actions.find(action, part, part.at))) {
        if ((await this.#take(action.id, stopping)) !== 'running') return false
        const { isDone, purged } = await actions.act(action, part, turn)
        await finishPurges(purged.map((id) => ({ id, tenant: action.tenant })))
        // Somebody else was about it until a moment ago.
        part = isDone ? { ...part, at: turn.next, isEnded: turn.isLast } : await actions.part(action, model)
        if (!isDone) break
        await pause(TURN_MS)
      }
    }
    return true
  }

  async #take(id: string, stopping: AbortSignal | undefined): ReturnType<JobActionUpkeep['take']> {
    return stopping?.aborted ? 'taken' : this.#deps.actions.take(id)
  }
}

function toldOf({ id, action, status, matched, done, skipped, failed }: JobAction, tenant: string): NewAuditEntry {
  return {
    ...{ id: newAuditId(), action: 'job_action.ended', by: null, tenant, subject: id, before: null },
    after: { action, status, matched, done, skipped, failed },
    ...{ outcome: 'done', code: null, request_id: null },
  }
}

/** What was found, in turns that are small enough. */
function inTurns({ jobs, next, isLast, unread }: ActionTurn): ActionTurn[] {
  const turns: ActionTurn[] = []
  for (let i = 0; i < jobs.length - TURN_JOBS; i += TURN_JOBS) {
    const own = jobs.slice(i, i + TURN_JOBS)
    turns.push({ jobs: own, next: own.at(-1)?.place ?? next, isLast: false, unread: 0 })
  }
  return [...turns, { jobs: jobs.slice(turns.length * TURN_JOBS), next, isLast, unread }]
}
