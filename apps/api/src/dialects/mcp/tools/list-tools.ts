/** tools/list: what a key may call, in an order that stays, in pages. Called by serve-mcp.ts. */
import type { ModelReader, ModelState } from '@millrace/queue'
import { mayDo, mayUseModel, type Principal } from '../../../http/access/principal.ts'
import { afterCursor, cursorAt } from '../cursor.ts'
import { JOB_TOOLS } from './job-tools.ts'
import { type Tool, toolsOf } from './model-tools.ts'

/** Models in one page, and how much text their tools may be together. */
const PAGE = { models: 100, chars: 2 * 1024 * 1024 }

/** How long a client may remember the list. Milliseconds. */
const FRESH_MS = 30_000

/** A type, for an interface would not do as a result of the protocol. */
export type ToolPage = {
  tools: Tool[]
  nextCursor?: string
  ttlMs: number
  cacheScope: 'private'
}

/** The tools for jobs are on the first page, which is all that some clients read. Throws ProblemError for a cursor that is none. */
export async function listTools(
  models: Pick<ModelReader, 'list'>,
  principal: Principal,
  cursor?: string,
): Promise<ToolPage> {
  const after = afterCursor(cursor)
  const ofJobs = after === undefined ? JOB_TOOLS.filter(({ scope }) => mayDo(principal, scope)) : []
  const tools: Tool[] = ofJobs.map(({ scope: _scope, ...tool }) => tool)
  const usable = await usableModels(models, principal)
  const rest = usable.filter(({ manifest }) => after === undefined || manifest.name > after)
  let chars = 0
  let taken = 0
  for (const { manifest } of rest) {
    const own = toolsOf(manifest)
    chars += JSON.stringify(own).length
    // One that is larger than a page is a page.
    if (taken > 0 && (taken === PAGE.models || chars > PAGE.chars)) break
    tools.push(...own)
    taken += 1
  }
  const last = taken < rest.length ? rest[taken - 1] : undefined
  return { tools, ...(last && { nextCursor: cursorAt(last.manifest.name) }), ttlMs: FRESH_MS, cacheScope: 'private' }
}

/** By name. A key that may not see models, or submit nothing, has none. */
async function usableModels(models: Pick<ModelReader, 'list'>, principal: Principal): Promise<ModelState[]> {
  if (!mayDo(principal, 'models:read') || !mayDo(principal, 'jobs:write')) return []
  const usable = (await models.list()).filter(({ manifest }) => mayUseModel(principal, manifest.name))
  return usable.sort((a, b) => (a.manifest.name < b.manifest.name ? -1 : 1))
}
