/**
 * To the workers of which version the jobs of a line count, when somebody is to start or end workers. Jobs that are pinned to a version count
 * to it. Those of a contract may run on any version that has it; so that no job is counted twice they count to one: the current version
 * if it has the contract, else the newest with workers, else the newest. Called by plan-pools.ts.
 */
import { isPinned, versionOfLine } from '../models/lines-of.ts'

export interface KnownVersion {
  version: string
  workers: number
  /** All lines that its workers serve. */
  lines: readonly string[]
}

/** `versions`: the newest first. Undefined when none has the line and none is current. */
export function poolOfLine(
  line: string,
  versions: readonly KnownVersion[],
  current: string | undefined,
): string | undefined {
  if (isPinned(line)) return versionOfLine(line)
  const serving = versions.filter(({ lines }) => lines.includes(line))
  const chosen =
    serving.find(({ version }) => version === current) ?? serving.find(({ workers }) => workers > 0) ?? serving[0]
  return chosen?.version ?? current
}
