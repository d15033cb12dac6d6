/** `millrace cancel`: asks the server to stop a job. Listed in commands.ts. */
import { EXIT } from '../../command/exit-codes.ts'
import { terminalJson } from '@millrace/process'
import { AT_ONCE, connect, JSON_FLAG, onlyArg, URL_FLAG } from '../../client/connect.ts'
import type { Command } from '../../command/command.ts'

export const cancelCommand: Command = {
  name: 'cancel',
  about: 'Cancel a job that waits or runs.',
  args: 'ID',
  details: ['A job that waits is canceled at once; one that runs is told to stop. One that has ended stays as it is.'],
  example: 'millrace cancel job_…',
  flags: [JSON_FLAG, URL_FLAG],
  async run(context) {
    const client = connect(context)
    const job = await client.cancel(onlyArg(context, 'ID'), AT_ONCE)
    if (context.flags.json === true) console.log(terminalJson(job, 2))
    else if (job.status === 'running') console.log(`Job ${job.id} was told to stop.`)
    else console.log(`Job ${job.id} is ${job.status}.`)
    return EXIT.done
  },
}
