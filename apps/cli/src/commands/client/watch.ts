/** `millrace watch`: follows a job that was submitted before. */
import { AT_ONCE, connect, JSON_FLAG, onlyArg, URL_FLAG } from '../../client/connect.ts'
import { followJob, followOptions, OUT_FLAG } from '../../client/follow-job.ts'
import type { Command } from '../../command/command.ts'

export const watchCommand: Command = {
  name: 'watch',
  about: 'Follow a job until it ends, and print its output.',
  args: 'ID',
  details: ['Also for a job that has ended: then its output is printed at once. Ctrl-C leaves, the job goes on.'],
  example: 'millrace watch job_… --out results',
  flags: [
    OUT_FLAG,
    { ...JSON_FLAG, about: 'Print JSON alone: a line per streamed chunk as it comes, then the job.' },
    URL_FLAG,
  ],
  async run(context) {
    const client = connect(context)
    const job = await client.get(onlyArg(context, 'ID'), AT_ONCE)
    return followJob(client, job, followOptions(context))
  },
}
