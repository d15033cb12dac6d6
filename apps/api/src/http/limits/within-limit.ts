/** The largest input of a tenant, where that is less than what the server takes. Called by the routes of submits and uploads. */
import { ProblemError } from '@millrace/contracts'
import type { ApiConfig } from '../api-deps.ts'
import type { FindLimits } from './find-limits.ts'

interface SizedDeps {
  config: Pick<ApiConfig, 'maxBodyBytes' | 'maxUploadBytes'>
  limits: FindLimits
}

/** Reads with the smaller limits. What is refused by that of the tenant is refused as `input_too_large`. */
export async function withinLimit<Deps extends SizedDeps, T>(
  deps: Deps,
  tenant: string,
  read: (deps: Deps) => Promise<T>,
): Promise<T> {
  const { maxBodyBytes, maxUploadBytes } = deps.config
  const { input_bytes: most } = await deps.limits(tenant)
  if (most >= maxUploadBytes && most >= maxBodyBytes) return read(deps)
  const sizes = { maxBodyBytes: Math.min(most, maxBodyBytes), maxUploadBytes: Math.min(most, maxUploadBytes) }
  return read({ ...deps, config: { ...deps.config, ...sizes } }).catch((error: unknown) => {
    const isOwn = error instanceof ProblemError && error.code === 'body_too_large' && error.options.mostBytes === most
    throw isOwn ? inputTooLarge(most) : error
  })
}

const inputTooLarge = (most: number): ProblemError =>
  new ProblemError('input_too_large', { detail: `At most ${most} bytes are taken from you at once.` })
