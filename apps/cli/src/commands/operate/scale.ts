/** `millrace scale`: how many workers a model needs, by version, and why. */
import { type ModelScale, SCALE_ASK, SCALE_REASONS, type ScalePool } from '@millrace/contracts'
import { terminalJson } from '@millrace/process'
import { AT_ONCE, connect, JSON_FLAG, onlyArg, URL_FLAG } from '../../client/connect.ts'
import type { Command } from '../../command/command.ts'
import { EXIT } from '../../command/exit-codes.ts'
import { durationFlag, numberFlag, textFlag } from '../../command/read-flags.ts'
import { formatSeconds, table } from '../../terminal/format.ts'
import { plainText } from '../../terminal/plain-text.ts'

const { targetWaitSeconds, maxWorkers } = SCALE_ASK

export const scaleCommand: Command = {
  name: 'scale',
  about: 'Tell how many workers a model needs, as an autoscaler reads it. Needs a key with the scope metrics.',
  args: 'MODEL',
  example: 'millrace scale ocr --target-wait 2m --max 8',
  flags: [
    {
      name: 'target-wait',
      type: 'string',
      about: `Within so long what waits is to begin; default: ${targetWaitSeconds}s.`,
    },
    { name: 'min', type: 'string', about: 'So many workers at least; default: 0.' },
    { name: 'max', type: 'string', about: `So many at most; default: ${maxWorkers}.` },
    { name: 'cold-start', type: 'string', about: 'How long a worker takes to be there; default: as measured.' },
    { name: 'model-version', type: 'string', about: 'Of the workers of this version alone.' },
    JSON_FLAG,
    URL_FLAG,
  ],
  async run(context) {
    const model = onlyArg(context, 'MODEL')
    const { flags } = context
    const asked = {
      version: textFlag(flags, 'model-version'),
      targetWaitSeconds: durationFlag(flags, 'target-wait'),
      minWorkers: numberFlag(flags, 'min', { whole: true }),
      maxWorkers: numberFlag(flags, 'max', { whole: true }),
      coldStartSeconds: durationFlag(flags, 'cold-start'),
    }
    const scale = await connect(context).scale(model, { ...AT_ONCE, ...asked })
    console.log(flags.json === true ? terminalJson(scale, 2) : scaleTable(scale))
    return EXIT.done
  },
}

/** A row for the workers of each version, and one for all of them. */
export function scaleTable(scale: ModelScale): string {
  const rows = scale.pools.map((pool) => [
    `${plainText(pool.version)}${pool.current ? ' (current)' : ''}`,
    ...figuresOf(pool),
    ...measuredOf(pool),
  ])
  return `${table([HEAD, ...rows, ['all', ...figuresOf(scale)]])}\n${SCALE_REASONS[scale.reason]}`
}

const HEAD = ['VERSION', 'WAITING', 'OLDEST', 'SLOTS', 'BUSY', 'WORKERS', 'WANTED', 'RUN', 'COLD START', 'SLOTS EACH']

const figuresOf = (
  one: Pick<
    ModelScale,
    'queue_depth' | 'oldest_wait_seconds' | 'slots' | 'busy_fraction' | 'workers' | 'desired_workers'
  >,
): string[] => [
  ...[String(one.queue_depth), one.queue_depth === 0 ? '-' : formatSeconds(one.oldest_wait_seconds)],
  ...[String(one.slots), `${Math.round(one.busy_fraction * 100)} %`],
  ...[String(one.workers), String(one.desired_workers)],
]

const measuredOf = ({ run_seconds, cold_start_seconds, slots_per_worker }: ScalePool): string[] => [
  ...[run_seconds, cold_start_seconds].map((seconds) => (seconds === null ? '-' : formatSeconds(seconds))),
  slots_per_worker === null ? '-' : String(Math.round(slots_per_worker * 10) / 10),
]
