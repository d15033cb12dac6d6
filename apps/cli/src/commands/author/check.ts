/** `millrace check`: tries a model with inputs made from its schema, and says in plain words what is wrong with it. */
import { EXIT } from '../../command/exit-codes.ts'
import { JOB_KINDS, type JobKind } from '@millrace/contracts'
import type { LocalModel } from '@millrace/host'
import { describeSchemas } from '../../schema/describe-model.ts'
import { wordFlag } from '../../command/read-flags.ts'
import { readInput } from '../../input/read-input.ts'
import { CommandError } from '../../command/command-error.ts'
import type { Command, CommandContext } from '../../command/command.ts'
import { checkDevices } from '../../doctor/check-devices.ts'
import type { SampleInput } from '../../check/make-sample-input.ts'
import { runChecks, timesText } from '../../check/run-checks.ts'
import { plainText } from '../../terminal/plain-text.ts'
import { findNamed, INPUT_FLAG, LOCAL_FLAGS, withModel } from '../../local/open-model.ts'
import { splitLocalFiles } from '../../input/split-local-files.ts'

export const checkCommand: Command = {
  name: 'check',
  about: 'Load a model, run it five times with inputs made from its schema, and say what is wrong.',
  args: 'MODEL [key=value | key=@file | key:=json …]',
  details: [
    'Every field is given: its default, an example, or a value within its range; small pictures and sounds are made on',
    'the spot. The last run gives only what must be given. Fields on the command line are taken as they are.',
    `Exit code ${EXIT.failed} when anything is wrong. What the model prints goes to standard error.`,
  ],
  example: 'millrace check models/ocr',
  flags: [
    INPUT_FLAG,
    { name: 'kind', type: 'string', about: `${JOB_KINDS.join(' or ')}; default prediction.` },
    ...LOCAL_FLAGS,
  ],
  async run(context) {
    const { flags, args } = context
    const kind = wordFlag(flags, 'kind', JOB_KINDS) ?? 'prediction'
    const source = await findNamed(context, context.config())
    return withModel(
      source,
      context,
      (line) => console.error(plainText(line)),
      async (model, signal) => {
        const side = sideOf(model, kind)
        console.log([...headOf(model), '', ...describeSchemas(side), ''].join('\n'))
        const { costNotesOf } = await import('@millrace/host')
        const { makeSampleInput } = await import('../../check/make-sample-input.ts')
        for (const { schema, note } of costNotesOf(model.manifest)) {
          console.log(`Note: checks by the ${schema} schema are costly: ${plainText(note.message)}.`)
        }
        const words = [...args.slice(1), ...((flags.input as string[] | undefined) ?? [])]
        const given = splitLocalFiles(readInput(words, { name: model.manifest.name, ...side }), side.input_schema)
        const sample = (onlyRequired: boolean) => {
          const made = makeSampleInput(side.input_schema, {
            given: given.input as Record<string, unknown>,
            onlyRequired,
          })
          return { ...made, files: [...made.files, ...given.files] }
        }
        const full = sample(false)
        if (full.missing.length > 0) throw new CommandError('model_packages', missingText(full.missing))
        const { seconds, faults, notes } = await runChecks(model, { kind, full, least: sample(true), signal })
        faults.push(...model.exampleFaults.map((fault) => `An example is wrong: ${plainText(fault)}.`))
        faults.push(...(await missingDevice(context)))
        for (const text of [...faults, ...notes]) console.log(text)
        if (faults.length > 0 && full.guessed.length > 0) console.log(guessedText(full.guessed))
        if (seconds.length > 0) console.log(timesText(seconds))
        console.log(faults.length === 0 ? 'All is well.' : `${faults.length} wrong.`)
        return faults.length === 0 ? EXIT.done : EXIT.failed
      },
    )
  },
}

/** A model mostly falls back to the CPU without a word when its device is not there. */
async function missingDevice({ config, env }: CommandContext): Promise<string[]> {
  const { parseSlots } = await import('@millrace/host')
  const { findings } = await checkDevices({ slots: parseSlots(config().slots).slice(0, 1), env })
  return findings.filter(({ status }) => status === 'fail').map(({ message, mend }) => `${message} ${mend}`)
}

/** The version of a Python model of which nothing says one. */
const UNNAMED = '0.0.0'

function headOf({ manifest, interpreter, loadSeconds }: LocalModel): string[] {
  const { name, version, description, streams, training } = manifest
  const on = interpreter ? ` on Python ${interpreter.version} (${interpreter.origin})` : ''
  const traits = [streams ? 'streams its output' : '', training ? 'can be trained' : ''].filter(Boolean).join(', ')
  return [
    `${name} ${version} loads in ${loadSeconds.toFixed(1)} s${on}${traits && `; it ${traits}`}.`,
    ...(description === '' ? [] : [plainText(description)]),
    ...(version === UNNAMED ? ['Its version is not named: `version` in millrace.yaml does that.'] : []),
  ]
}

function sideOf({ manifest }: LocalModel, kind: JobKind) {
  if (kind === 'prediction') return manifest
  if (manifest.training !== null) return manifest.training
  throw new CommandError('not_trainable', `${manifest.name} cannot be trained: it has no training.`)
}

const guessedText = (names: string[]): string =>
  `The schema says nothing of ${names.join(' and ')}, so a text was given. Give what it takes with ` +
  `--input '${names[0]}:=…', or write its schema (\`input\` in millrace.yaml).`

const missingText = (missing: SampleInput['missing']): string =>
  [
    'No input could be made:',
    ...missing.map(({ name, why }) => `  ${name}: ${why}; give it with --input ${name}=…`),
  ].join('\n')
