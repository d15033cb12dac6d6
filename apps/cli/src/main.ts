/** The `millrace` command as a process: passes on arguments and environment, and exits with the code that it gets back. */
import { EXIT } from './command/exit-codes.ts'
import { FAULTS } from './command/faults.ts'
import { hideEnvironment } from './hide-environment.ts'
import { runCli } from './run-cli.ts'

hideEnvironment(process.env)

// The SDK's notice of later releases would appear between the lines of a JSON log. `engines` already says which Node is
// needed.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
const streams = [process.stdout, process.stderr]
for (const stream of streams) stream.on('error', leave)
const code = await runCli(process.argv.slice(2), process.env)
// A pipe takes only what fits into it. The rest would be lost if the process ended now.
await Promise.all(streams.map((stream) => new Promise((resolve) => stream.write('', resolve))))
process.exit(code)

/** Nobody reads any more (`| head`): end without a message, as the commands of the system do. A full disk is a fault. */
function leave({ code: fault }: NodeJS.ErrnoException): never {
  if (fault === 'EPIPE') process.exit(EXIT.unread)
  console.error(`The output cannot be written (${fault}).`)
  process.exit(EXIT[FAULTS.output_unwritable.exit])
}
