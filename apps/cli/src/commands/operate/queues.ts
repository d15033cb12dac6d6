/** `millrace queues`: what waits and runs of each model, and why it does not start. */
import type { QueueState } from '@millrace/contracts'
import { terminalJson } from '@millrace/process'
import { AT_ONCE, connect, JSON_FLAG, URL_FLAG } from '../../client/connect.ts'
import { UsageError } from '../../command/command-error.ts'
import type { Command } from '../../command/command.ts'
import { EXIT } from '../../command/exit-codes.ts'
import { formatSeconds, table } from '../../terminal/format.ts'
import { firstLine } from '../../terminal/plain-text.ts'

export const queuesCommand: Command = {
  name: 'queues',
  about: 'Show what waits and runs of each model, for how long yet, and why it does not start.',
  example: 'millrace queues',
  flags: [{ ...JSON_FLAG, about: 'Print a JSON array with the lines of each model and nothing else.' }, URL_FLAG],
  async run(context) {
    if (context.args.length > 0) throw new UsageError('`millrace queues` takes flags only')
    const queues = await connect(context).queues(AT_ONCE)
    if (context.flags.json === true) console.log(terminalJson(queues, 2))
    else console.log(queues.length === 0 ? 'No worker has published a model yet.' : queuesTable(queues))
    return EXIT.done
  },
}

export const queuesTable = (queues: readonly QueueState[]): string => table([HEAD, ...queues.map(rowOf)])

const HEAD = ['MODEL', 'QUEUED', 'OLDEST', 'RUNNING', 'SLOTS', 'IN/MIN', 'OUT/MIN', 'DRAINED IN', 'WHY']

const rowOf = (queue: QueueState): string[] => [
  ...[queue.model, String(queue.queued), time(queue.oldest_wait_seconds), String(queue.running), String(queue.slots)],
  ...[rate(queue.in_per_minute), rate(queue.out_per_minute), time(queue.drain_seconds)],
  queue.paused ? 'paused' : firstLine(queue.note ?? queue.why ?? '-'),
]

const time = (seconds: number | null): string => (seconds === null ? '-' : formatSeconds(seconds))
const rate = (perMinute: number | null): string => (perMinute === null ? '-' : perMinute.toFixed(1))
