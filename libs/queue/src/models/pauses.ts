/** What is paused of a model, as its shard keeps it; see libs/queue/src/scripts/models/pause.lua. Used by the registry and by readers of lines. */
import { isoTime } from '@millrace/contracts'
import type { Pause, Pauses } from '../ports/model-registry.ts'
import { lineOfVersion, versionOfLine } from './lines-of.ts'

const WHOLE_MODEL = '*'

/** Undefined: the whole model. */
export const nameOfPause = (version: string | undefined): string =>
  version === undefined ? WHOLE_MODEL : lineOfVersion(version)

/** From the hash `paused` of the model's shard. */
export function toPauses(hash: Readonly<Record<string, string>>): Pauses {
  const { [WHOLE_MODEL]: model, ...lines } = hash
  const versions = Object.entries(lines).map(([line, text]) => [versionOfLine(line), toPause(text)] as const)
  return { model: model === undefined ? null : toPause(model), versions: Object.fromEntries(versions) }
}

/** Whether nothing is given to workers of this version. */
export const isPaused = ({ model, versions }: Pauses, version: string): boolean =>
  model !== null || Object.hasOwn(versions, version)

function toPause(text: string): Pause {
  const [since, submits] = text.split(' ')
  return { since: isoTime(Number(since)), submits: submits === 'refuse' ? 'refuse' : 'take' }
}
