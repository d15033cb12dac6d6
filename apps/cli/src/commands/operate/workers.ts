/** `millrace workers`: which worker processes there are, and whether a host may be rebooted; drains them and lets them go on. */
import type { Client } from '@millrace/client'
import type { WorkerView } from '@millrace/contracts'
import { AT_ONCE, JSON_FLAG, URL_FLAG } from '../../client/connect.ts'
import { only, runVerb, type Said, type Verb } from '../../client/run-verb.ts'
import { CommandError, UsageError } from '../../command/command-error.ts'
import type { Command } from '../../command/command.ts'
import { numberFlag } from '../../command/read-flags.ts'
import { formatBytes, formatSeconds, table } from '../../terminal/format.ts'
import { plainText } from '../../terminal/plain-text.ts'

const LOOK_MS = 500

const VERBS: Record<string, Verb> = {
  list: async (client) => said(await all(client)),
  async drain(client, args, flags) {
    const workers = await wish(client, 'drain', args)
    return said(flags.wait === true ? await drained(client, workers, timeoutOf(flags)) : workers)
  },
  resume: async (client, args) => said(await wish(client, 'resume', args)),
}

export const workersCommand: Command = {
  name: 'workers',
  about: 'Show the processes that run jobs, drain them, and let them go on.',
  args: '[list|drain|resume] [WORKER or HOST]',
  details: [
    '',
    'list            who is there, what each holds, and whether it may be ended (the default)',
    'drain WHICH     takes no more jobs; with --wait until nothing is in hand. WHICH is an id, how it begins, or a host',
    'resume WHICH    takes jobs again. A worker that is started again does so by itself',
  ],
  example: 'millrace workers drain gpu-3 --wait',
  flags: [
    { name: 'wait', type: 'boolean', about: 'drain: wait until nothing is in hand.' },
    { name: 'timeout', type: 'string', about: 'drain --wait: for so many seconds at most. Default: no limit.' },
    JSON_FLAG,
    URL_FLAG,
  ],
  run: (context) => runVerb('workers', VERBS, context),
}

const said = (workers: WorkerView[]): Said => ({ value: workers, lines: [render(workers)] })

const timeoutOf = (flags: Record<string, unknown>): number =>
  (numberFlag(flags, 'timeout') ?? Number.POSITIVE_INFINITY) * 1000

async function all(client: Client): Promise<WorkerView[]> {
  const workers: WorkerView[] = []
  for await (const worker of client.workers.list(AT_ONCE)) workers.push(worker)
  return workers.sort((a, b) => a.host.localeCompare(b.host) || a.started_at.localeCompare(b.started_at))
}

async function wish(client: Client, verb: 'drain' | 'resume', args: string[]): Promise<WorkerView[]> {
  const which = only(args, 'WORKER or HOST')
  const workers = (await all(client)).filter(({ state }) => state !== 'lost')
  const byHost = workers.filter(({ host }) => host === which)
  const found = byHost.length > 0 ? byHost : workers.filter(({ id }) => id.startsWith(which))
  if (found.length === 0) throw new UsageError(`there is no worker ${which}, and none on a host of that name.`)
  if (byHost.length === 0 && found.length > 1)
    throw new UsageError(`${which} begins the ids of ${found.length} workers`)
  return Promise.all(found.map(({ id }) => client.workers[verb](id)))
}

/** When all of them hold nothing, or are gone. */
async function drained(client: Client, workers: WorkerView[], withinMs: number): Promise<WorkerView[]> {
  const endMs = Date.now() + withinMs
  const ids = new Set(workers.map(({ id }) => id))
  for (;;) {
    const now = (await all(client)).filter(({ id }) => ids.has(id))
    if (now.every(({ state }) => state === 'drained')) return now
    if (Date.now() > endMs) throw new CommandError('not_drained', `Not drained in time:\n${render(now)}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

function render(workers: WorkerView[]): string {
  if (workers.length === 0) return 'There is no worker.'
  const head = ['ID', 'HOST', 'PID', 'STATE', 'JOBS', 'MODELS', 'UP', 'BEAT', 'MAY BE ENDED']
  const lines = [table([head, ...workers.map(rowOf)])]
  for (const { id, models, devices } of workers) {
    lines.push(...devices.flatMap((device) => deviceLine(device).map((line) => plainText(`${short(id)}: ${line}`))))
    for (const { label, state, reason, refused } of models) {
      if (state !== 'failed') continue
      const why = `could not be loaded${refused ? ', and is not tried again' : ''}: ${reason ?? 'no reason was given'}`
      lines.push(plainText(`${short(id)}: ${label} ${why}`))
    }
  }
  return lines.join('\n')
}

function rowOf(worker: WorkerView): string[] {
  const { id, host, pid, state, held, models, started_at, last_beat_at } = worker
  const served = models.map((model) => `${model.name ?? model.label}${mark(model.state)}`).join(',')
  return [
    ...[short(id), plainText(host), String(pid), state, String(held), plainText(served)],
    ...[ago(started_at), ago(last_beat_at), mayBeEnded(worker)],
  ]
}

/** What is known of a GPU; of a processor there is nothing to say. */
function deviceLine(device: WorkerView['devices'][number]): string[] {
  const { device: slot, name, memory_bytes: memory, memory_used_bytes: used, utilization, driver } = device
  if (slot === 'cpu' || name === null) return []
  const facts = [
    memory === null ? undefined : `${used === null ? '' : `${formatBytes(used)} of `}${formatBytes(memory)}`,
    utilization === null ? undefined : `${Math.round(utilization * 100)} % busy`,
    driver === null ? undefined : `driver ${driver}`,
  ].filter((fact) => fact !== undefined)
  return [[`${slot} is ${name}`, ...facts].join(', ')]
}

/** Enough to tell it from others, and to name it. */
const short = (id: string): string => id.slice(0, 10)
const mark = (state: string): string => (state === 'ready' || state === 'draining' ? '' : ` (${state})`)
const ago = (time: string): string => formatSeconds(Math.max(0, (Date.now() - Date.parse(time)) / 1000))

/** What an operator wants to know before a reboot. Even a plain SIGTERM loses nothing; it gives back what does not end in time. */
function mayBeEnded({ state, held }: WorkerView): string {
  if (state === 'drained') return 'yes'
  if (state === 'lost') return 'it is not heard'
  if (state === 'stopping') return 'it ends by itself'
  return held === 0 ? 'drain it first' : `not yet: ${held} in hand`
}
