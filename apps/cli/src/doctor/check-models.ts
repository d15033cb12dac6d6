/** Checks that each model loads in its real runner. Called by run-checks.ts. */
import { dirname, relative } from 'node:path'
import { createLogger } from '@millrace/process'
import {
  costNotesOf,
  installCommand,
  ModelFolderError,
  type ModelTrial,
  tryModels,
  type TryModelsOptions,
} from '@millrace/host'
import { ownStackLine } from '../terminal/own-stack-line.ts'
import { firstLine } from '../terminal/plain-text.ts'
import { fail, type Finding, ok, warn } from './finding.ts'
import { typed } from '../command/typed.ts'

type CheckModelsOptions = Omit<TryModelsOptions, 'logger'> & { cwd: string }

export async function checkModels(options: CheckModelsOptions): Promise<Finding[]> {
  try {
    // The log is silent because the findings say the same.
    const trials = await tryModels({ ...options, logger: createLogger({ level: 'silent' }) })
    return [...trials.map((trial) => findingOf(trial, options.cwd)), ...sameNames(trials)]
  } catch (error) {
    if (!(error instanceof ModelFolderError)) throw error
    const mend = `\`${typed('new NAME')}\` makes a first one. Or set MILLRACE_MODELS to the folder that holds yours.`
    return [fail('models', `${firstLine(error.message)}.`, mend)]
  }
}

function findingOf({ label, path, language, seconds, result, interpreter }: ModelTrial, cwd: string): Finding {
  if (result === null) {
    const folder = dirname(path)
    const ofNode = `npm ci --prefix ${relative(cwd, folder) || '.'}`
    const mend = `If you want it: ${language === 'node' ? ofNode : installCommand(folder, cwd)}`
    return warn(`model ${label}`, `${label} is passed over: its packages are not installed.`, mend)
  }
  if ('manifest' in result) {
    const { name, version } = result.manifest
    const on = interpreter ? ` on Python ${interpreter.version} (${interpreter.path})` : ''
    const loads = `${name} ${version} loads in ${seconds.toFixed(1)} s${on}`
    const [costly] = costNotesOf(result.manifest)
    if (!costly) return ok(`model ${label}`, `${loads}.`)
    const message = `${loads}, but checks by its ${costly.schema} schema are costly: ${firstLine(costly.note.message)}.`
    return warn(`model ${label}`, message, `\`${typed(`check ${label}`)}\` tells all that is to be mended.`)
  }
  const own = ownStackLine(result.failure.traceback, dirname(path), cwd)
  const message = result.failure.message.trim().split('\n').slice(0, 2).map(firstLine).join(' ')
  const mend = own === undefined ? `Look at ${path}; \`${typed('dev')}\` shows more.` : `Look ${firstLine(own)}.`
  return fail(`model ${label}`, `${label} does not load: ${message}.`, mend)
}

function sameNames(trials: ModelTrial[]): Finding[] {
  const seen = new Map<string, string>()
  return trials.flatMap(({ label, result }) => {
    if (result === null || !('manifest' in result)) return []
    const { name } = result.manifest
    const holder = seen.get(name)
    seen.set(name, holder ?? label)
    if (holder === undefined) return []
    return [fail(`model ${label}`, `The models in ${holder} and ${label} are both named ${name}.`, 'Rename one.')]
  })
}
