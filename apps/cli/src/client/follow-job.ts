/**
 * Follows a job to its end and gives the exit code: shows its progress and what its model logs, then prints the output.
 * Shared by submit, watch and retry.
 */
import { EXIT } from '../command/exit-codes.ts'
import { terminalJson } from '@millrace/process'
import type { Client } from '@millrace/client'
import type { Job } from '@millrace/contracts'
import { UsageError } from '../command/command-error.ts'
import type { CommandContext, Flag } from '../command/command.ts'
import { plainText } from '../terminal/plain-text.ts'
import { formatBytes } from '../terminal/format.ts'
import { catchInterrupts, type Interrupts } from '../terminal/interrupts.ts'
import { createJobScreen } from './job-screen.ts'
import { checkOutFolder, saveFiles } from './save-files.ts'
import { type Shown, showEvents } from './show-events.ts'
import { typed } from '../command/typed.ts'

/** Flags of the commands that follow a job. */
export const OUT_FLAG: Flag = {
  name: 'out',
  type: 'string',
  about: 'Folder to save the files of the output to; none is ever written over.',
}
export const NO_WAIT_FLAG: Flag = { name: 'no-wait', type: 'boolean', about: 'Print the job id and do not wait.' }

export interface FollowOptions {
  json: boolean
  /** The folder for files of the output. */
  out: string | undefined
  interrupts?: Interrupts
}

export function followOptions({ flags }: CommandContext): FollowOptions {
  const out = typeof flags.out === 'string' ? flags.out : undefined
  if (out !== undefined && flags['no-wait'] === true)
    throw new UsageError('--out needs the result: leave --no-wait out')
  if (out !== undefined) checkOutFolder(out)
  return { json: flags.json === true, out }
}

/** Prints a job that was just accepted, for users who do not wait for its end. */
export function printTaken(job: Job, json: boolean): number {
  console.log(json ? terminalJson(job, 2) : job.id)
  if (!json) console.error(`It is kept. \`${typed(`watch ${job.id}`)}\` follows it.`)
  return EXIT.done
}

/** Waits until the job ends. With `interrupts`, the first Ctrl-C cancels the job. Resolves with the exit code. */
export async function followJob(client: Client, job: Job, options: FollowOptions): Promise<number> {
  const { json, out, interrupts } = options
  const screen = createJobScreen(process.stderr, { quiet: json })
  screen.say(`Job ${job.id}`)
  interrupts?.onFirst(() => {
    screen.say('Canceling the job. Ctrl-C again leaves without waiting for that.')
    client.cancel(job.id, { signal: interrupts.left }).catch((error: unknown) => {
      if (!interrupts.left.aborted) screen.say(`It could not be canceled: ${(error as Error).message}`)
    })
  })
  const shown: Shown = {
    job: screen.show,
    said: (event) => {
      if (event.type === 'log' && !json) screen.say(logLine(event))
      if (event.type === 'output' && json) console.log(terminalJson(event))
    },
  }
  let last = job
  try {
    last = await showEvents(client, job, shown, interrupts?.left)
  } finally {
    screen.close()
  }
  // The job has ended, so there is nothing left to cancel.
  interrupts?.release()
  return printOutcome(client, last, { json, out })
}

/** A line such as `  page 3 is skewed` or `  warn: no text found`, without escape sequences from the model. */
const logLine = ({ level, message }: { level: string; message: string }): string =>
  `  ${level === 'info' ? '' : `${level}: `}${plainText(message)}`

async function printOutcome(client: Client, job: Job, { json, out }: FollowOptions): Promise<number> {
  const given = job.status === 'succeeded' || job.partial
  const output = given ? (job.output ?? (await client.output(job.id))) : null
  const say = (text: string): void => void (json || console.error(text))
  const shown = out === undefined ? output : await save(client, job, { output, out, say })
  if (json) console.log(terminalJson({ ...job, output }, 2))
  switch (job.status) {
    case 'succeeded':
      if (!json) console.log(printable(shown))
      return EXIT.done
    case 'failed':
      printPartial(job, shown, json)
      say(`Job ${job.id} failed: ${plainText(job.error?.message ?? 'no reason given')} (${job.error?.code})`)
      say(`${placeOf(job)}${whatNext(job)}`)
      return EXIT.failed
    default:
      printPartial(job, shown, json)
      say(`Job ${job.id} was canceled.`)
      return EXIT.canceled
  }
}

/** The same input would be refused again. */
const whatNext = ({ id, model, error }: Job): string =>
  error?.code === 'invalid_input'
    ? `\`${typed(`model ${model}`)}\` shows what it takes.`
    : `\`${typed(`retry ${id}`)}\` runs it again.`

/** Where the model ran the last time; empty when that is not known. */
function placeOf({ attempts }: Job): string {
  const { worker, device } = attempts.at(-1) ?? {}
  return worker && device ? `It ran on ${device} of worker ${worker}. ` : ''
}

interface Save {
  output: unknown
  out: string
  say(text: string): void
}

/** Returns the output with paths in place of its files. Ctrl-C stops saving, and half-saved files are removed. */
async function save(client: Client, { id }: Job, { output, out, say }: Save): Promise<unknown> {
  const again = `\`${typed(`watch ${id} --out ${out}`)}\` saves its files again.`
  const { left: signal, release } = catchInterrupts(() => `Left. Job ${id} has ended; ${again}`, 1)
  try {
    return await saveFiles(client, output, {
      ...{ folder: out, signal },
      onSaved: (path, file) => say(`Saved ${path} (${formatBytes(file.size)})`),
    })
  } catch (error) {
    if (!signal.aborted) say(`Job ${id} has ended; ${again}`)
    throw error
  } finally {
    release()
  }
}

/** Prints what the model gave before its job failed or was canceled. */
function printPartial({ partial }: Job, shown: unknown, json: boolean): void {
  if (!partial || json) return
  console.error('What it had given before:')
  console.log(printable(shown))
}

const printable = (output: unknown): string => terminalJson(output, 2)
