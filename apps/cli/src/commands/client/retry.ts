/** `millrace retry`: runs a failed job again. */
import { AT_ONCE, connect, JSON_FLAG, onlyArg, URL_FLAG } from '../../client/connect.ts'
import { followJob, followOptions, NO_WAIT_FLAG, OUT_FLAG, printTaken } from '../../client/follow-job.ts'
import { catchInterrupts } from '../../terminal/interrupts.ts'
import type { Command } from '../../command/command.ts'
import { typed } from '../../command/typed.ts'

export const retryCommand: Command = {
  name: 'retry',
  about: 'Run a job again, and follow it.',
  args: 'ID',
  details: [
    'A failed job gets fresh attempts, and keeps its id and its input. With --version the input of any job that has ended',
    'runs as a new job on that version. Ctrl-C cancels it, as with submit.',
  ],
  example: 'millrace retry job_… --no-wait',
  flags: [
    { name: 'version', type: 'string', about: 'Run the input as a new job, on this version of the model.' },
    OUT_FLAG,
    NO_WAIT_FLAG,
    { ...JSON_FLAG, about: 'Print the job as JSON and nothing else.' },
    URL_FLAG,
  ],
  async run(context) {
    const id = onlyArg(context, 'ID')
    const follow = followOptions(context)
    const client = connect(context)
    const { version } = context.flags
    const job = await client.retry(id, { ...AT_ONCE, version: typeof version === 'string' ? version : undefined })
    if (context.flags['no-wait'] === true) return printTaken(job, follow.json)
    const interrupts = catchInterrupts(
      () => `Left. Job ${job.id} may still run; \`${typed(`watch ${job.id}`)}\` follows it.`,
    )
    try {
      return await followJob(client, job, { ...follow, interrupts })
    } finally {
      interrupts.release()
    }
  },
}
