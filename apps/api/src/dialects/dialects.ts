/** The table of dialects. Called by createApp, and by `npm run generate`. */
import type { RefusalOf } from '../http/middleware/answer-error.ts'
import { aiIntegration } from './ai-integration/ai-integration.ts'
import { aiges } from './aiges/aiges.ts'
import { cog } from './cog/cog.ts'
import { deepaas } from './deepaas/deepaas.ts'
import type { Dialect } from './dialect.ts'
import { fal } from './fal/fal.ts'
import { inference } from './inference/inference.ts'
import { mcp } from './mcp/mcp.ts'
import { openai } from './openai/openai.ts'
import { replicate } from './replicate/replicate.ts'
import { runpod } from './runpod/runpod.ts'

export const DIALECTS: readonly Dialect[] = [
  ...[replicate, mcp, cog, runpod, openai],
  ...[deepaas, aiIntegration, aiges, inference, fal],
]

/** The dialect that a path belongs to. */
export function dialectOf(path: string): Dialect | undefined {
  return DIALECTS.find(({ prefixes }) => prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`)))
}

/** The path that a request is routed by. */
export function routedPath(path: string): string {
  if (path.startsWith('/v1/')) return path
  return dialectOf(path)?.canonical?.(path) ?? path
}

export const refusalOf: RefusalOf = (path) => dialectOf(path)?.refusal
