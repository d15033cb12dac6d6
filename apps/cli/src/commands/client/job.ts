/** `millrace job`: shows how one job stands, and each attempt at it. */
import { EXIT } from '../../command/exit-codes.ts'
import { terminalJson } from '@millrace/process'
import { AT_ONCE, connect, JSON_FLAG, onlyArg, URL_FLAG } from '../../client/connect.ts'
import { describeJob } from '../../client/describe-job.ts'
import type { Command } from '../../command/command.ts'

export const jobCommand: Command = {
  name: 'job',
  about: 'Show how a job stands, and each attempt at it: worker, version, device, times and outcome.',
  args: 'ID',
  example: 'millrace job job_…',
  flags: [{ ...JSON_FLAG, about: 'Print the job as JSON and nothing else.' }, URL_FLAG],
  async run(context) {
    const job = await connect(context).get(onlyArg(context, 'ID'), AT_ONCE)
    console.log(context.flags.json === true ? terminalJson(job, 2) : describeJob(job))
    return EXIT.done
  },
}
