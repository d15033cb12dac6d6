/** `millrace run`: runs a model once or many times on this machine, without a server and without Redis. */
import { EXIT } from '../../command/exit-codes.ts'
import { terminalJson } from '@millrace/process'
import { JOB_KINDS, type JobKind } from '@millrace/contracts'
import type { LocalModel } from '@millrace/host'
import { formatBytes } from '../../terminal/format.ts'
import { numberFlag, textFlag, wordFlag } from '../../command/read-flags.ts'
import { jsonThat, readInput } from '../../input/read-input.ts'
import { isPickle, pickleRefused } from '../../input/refuse-pickle.ts'
import { isObject } from '../../schema/schema-types.ts'
import { CommandError, UsageError } from '../../command/command-error.ts'
import type { Command, CommandContext } from '../../command/command.ts'
import { firstLine, plainText } from '../../terminal/plain-text.ts'
import { findNamed, INPUT_FLAG, LOCAL_FLAGS, withModel } from '../../local/open-model.ts'
import { type LoopResult, runLoop } from '../../local/run-loop.ts'
import { saveOutput } from '../../local/save-output.ts'
import { splitLocalFiles } from '../../input/split-local-files.ts'

export const runCommand: Command = {
  name: 'run',
  about: 'Run a model on this machine, without a server, and print what it gives.',
  args: 'MODEL [key=value | key=@file | key:=json …]',
  details: [
    'MODEL is a folder, a file of a model (`predict.py`, `predict.py:Predictor`), or the name of a folder below the models',
    'folder. It runs in a process as on a server; what it prints goes to standard error, its output alone to standard output.',
    'With --json and no input, the input is one JSON object on standard input; files in it are data: URIs.',
  ],
  example: 'millrace run models/ocr --input image=@scan.png --output scan.pdf',
  flags: [
    INPUT_FLAG,
    { name: 'output', type: 'string', about: 'Where the output goes: a file, or a folder when it has several files.' },
    { name: 'loop', type: 'string', about: 'Run it so many times, and print seconds, average and rate.' },
    { name: 'json', type: 'boolean', about: 'Print the result as JSON and nothing else.' },
    { name: 'kind', type: 'string', about: `${JOB_KINDS.join(' or ')}; default prediction.` },
    ...LOCAL_FLAGS,
  ],
  async run(context) {
    const { flags } = context
    const json = flags.json === true
    const kind = wordFlag(flags, 'kind', JOB_KINDS) ?? 'prediction'
    const times = numberFlag(flags, 'loop', { whole: true }) ?? 1
    const given = [...context.args.slice(1), ...((flags.input as string[] | undefined) ?? [])]
    const fromStdin = json && given.length === 0 ? await readStdin() : undefined
    const say = (line: string): void => void (json || console.error(plainText(line)))
    const source = await findNamed(context, context.config())
    return withModel(source, context, say, async (model, signal) => {
      say(`${model.manifest.name} ${model.manifest.version} loaded in ${model.loadSeconds.toFixed(1)} s`)
      const schema = schemaOf(model, kind)
      const value = fromStdin ?? readInput(given, { name: model.manifest.name, input_schema: schema })
      const result = await runLoop(model, { kind, ...splitLocalFiles(value, schema), times, signal, say })
      return print(context, result, model)
    })
  },
}

function schemaOf({ manifest }: LocalModel, kind: JobKind): Record<string, unknown> {
  if (kind === 'prediction') return manifest.input_schema
  if (manifest.training !== null) return manifest.training.input_schema
  throw new CommandError('not_trainable', `${manifest.name} cannot be trained: it has no training.`)
}

async function readStdin(): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  if (isPickle(bytes)) throw pickleRefused('Standard input')
  const read = jsonThat('standard input', bytes.toString('utf8'), isObject)
  if (read) return read.value as Record<string, unknown>
  throw new UsageError('with --json and no input, one JSON object is expected on standard input')
}

async function print({ flags }: CommandContext, result: LoopResult, model: LocalModel): Promise<number> {
  const { run, seconds, wrong, code } = result
  const json = flags.json === true
  const partial = run.outcome.kind === 'done' ? run.outcome.output : null
  const onSaved = (path: string, size: number): void =>
    void (json || console.error(`Saved ${path} (${formatBytes(size)})`))
  const to = wrong === undefined ? textFlag(flags, 'output') : undefined
  const output = await saveOutput(partial, run.files, to, onSaved)
  if (json) {
    const error = wrong === undefined ? null : { code, message: firstLine(wrong[0] ?? '') }
    const facts = { load_seconds: model.loadSeconds, run_seconds: seconds }
    console.log(terminalJson({ ok: wrong === undefined, output, error, ...facts }, 2))
  } else if (wrong === undefined) {
    const text = terminalJson(output, 2)
    console.log(text)
    if (run.files.length > 0 && to === undefined) console.error('Files are not kept; --output PATH saves them.')
  } else {
    for (const line of wrong) console.error(line)
  }
  return wrong === undefined ? EXIT.done : EXIT.failed
}
