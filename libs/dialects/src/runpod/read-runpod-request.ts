/** What a request of RunPod's asks for, in our words. Called by the API. */
import { LIMITS } from '@millrace/contracts'

export interface RunpodRequest {
  input: Record<string, unknown>
  webhook?: string
  /** Seconds. */
  timeout?: number
  expires_in?: number
  priority?: 'low'
}

/** The name of what is wrong with it, as a JSON pointer, and what was expected. */
export interface RunpodFault {
  path: string
  message: string
}

/** Seconds. A job may not be shorter-lived, nor wait longer. */
const EXPIRES = { least: 0.001, most: 30 * 86_400 }

/**
 * Unknown fields are left unread, as RunPod does. `policy.executionTimeout` and `policy.ttl` are milliseconds: the first is the time of
 * one attempt, the second that until which it must have begun. More than may be had is cut to that.
 */
export function readRunpodRequest(body: Record<string, unknown>): RunpodRequest | RunpodFault {
  const { input, webhook, webhookV2, policy } = body
  if (!isObject(input)) return { path: '/input', message: 'expected an object' }
  const address = webhook ?? webhookV2
  if (!isAbsent(address) && typeof address !== 'string') return { path: '/webhook', message: 'expected an address' }
  if (!isAbsent(policy) && !isObject(policy)) return { path: '/policy', message: 'expected an object' }
  const { executionTimeout, ttl, lowPriority } = isAbsent(policy) ? {} : (policy as Record<string, unknown>)
  if (!isTime(executionTimeout)) return { path: '/policy/executionTimeout', message: 'expected milliseconds' }
  if (!isTime(ttl)) return { path: '/policy/ttl', message: 'expected milliseconds' }
  return {
    input,
    ...(typeof address === 'string' && address !== '' && { webhook: address }),
    ...(executionTimeout && { timeout: Math.min(executionTimeout / 1000, LIMITS.timeoutSeconds.prediction) }),
    ...(ttl && { expires_in: Math.min(Math.max(ttl / 1000, EXPIRES.least), EXPIRES.most) }),
    ...(lowPriority === true && { priority: 'low' }),
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null
/** 0 is the default of RunPod's. */
const isTime = (value: unknown): value is number | null | undefined =>
  isAbsent(value) || (typeof value === 'number' && Number.isFinite(value) && value >= 0)
