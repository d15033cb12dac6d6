/**
 * Shows a submit to the operator's hook before its job is kept, and makes refusals of what it says. What it changed is checked again
 * by whoever called. Used by submit-job.ts; made by createApp where MILLRACE_HOOKS names such a hook.
 */
import { type JobKind, jobRequestSchema, type Log, type Manifest, ProblemError } from '@millrace/contracts'
import { HookError, type SubmitHook } from '@millrace/hooks'
import { readJson } from '../http/body/read-json.ts'
import type { Principal } from '../http/access/principal.ts'

export interface Reviewed {
  principal: Principal
  model: Manifest
  kind: JobKind
  /** Not the hook's to keep: it gets a copy. */
  input: Record<string, unknown>
  metadata: Record<string, string>
  dryRun: boolean
}

/** What is to change. `nodes`: how many values the input holds. */
export interface Review {
  input: { value: Record<string, unknown>; nodes: number } | undefined
  metadata: Record<string, string> | undefined
}

/** Rejects with ProblemError `submit_refused` or `hook_failed`. */
export type ReviewSubmit = (submit: Reviewed) => Promise<Review>

const { metadata: metadataSchema } = jobRequestSchema.shape

export function createReviewSubmit(hook: Pick<SubmitHook, 'ask'>, logger: Pick<Log, 'error'>): ReviewSubmit {
  return async ({ principal: { tenant, key, scopes }, model, input, ...submit }) => {
    try {
      const verdict = await hook.ask({
        ...submit,
        principal: { tenant, key, scopes: [...scopes] },
        model: model.name,
        version: model.version,
        input: structuredClone(input),
        metadata: { ...submit.metadata },
      })
      if (verdict.outcome === 'refused') throw new ProblemError('submit_refused', { detail: verdict.reason })
      return {
        input: verdict.input === undefined ? undefined : inputOf(verdict.input),
        metadata: verdict.metadata === undefined ? undefined : metadataOf(verdict.metadata),
      }
    } catch (error) {
      if (error instanceof HookError) throw hookFailed(error, logger)
      throw error
    }
  }
}

/** What the hook wants does not fit the model. The client is not to blame, and is not told what it did not send. */
export function blameHook(error: unknown, logger: Pick<Log, 'error'>): unknown {
  const isOwn = error instanceof ProblemError && error.code === 'invalid_input'
  if (!isOwn) return error
  const places = error.options.errors?.map(({ path, code }) => `${path} (${code})`).join(', ')
  return hookFailed(new HookError(`beforeSubmit returned an input that the model does not take: ${places}`), logger)
}

function hookFailed(error: HookError, logger: Pick<Log, 'error'>): ProblemError {
  logger.error({ err: error }, 'The hook beforeSubmit failed; the submit was refused')
  return new ProblemError('hook_failed', { retryAfter: 5, cause: error })
}

/** Read as if a client had sent it. */
function inputOf(json: string): Review['input'] {
  try {
    const { value, nodes } = readJson(Buffer.from(json))
    return { value: value as Record<string, unknown>, nodes }
  } catch (error) {
    throw new HookError('beforeSubmit returned an input that no client could send', { cause: error })
  }
}

function metadataOf(given: unknown): Record<string, string> {
  const { success, data } = metadataSchema.safeParse(given)
  if (success) return data
  throw new HookError('beforeSubmit returned metadata that no client could send')
}
