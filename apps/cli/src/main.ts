/** The `millrace` command as a process: hands over arguments and environment, and exits with the code that comes back. */
import { EXIT } from './command/exit-codes.ts'
import { FAULTS } from './command/faults.ts'
import { hideEnvironment } from './hide-environment.ts'
import { runCli } from './run-cli.ts'

hideEnvironment(process.env)

// Its notice of later releases would stand between the lines of a JSON log; which Node we run on is `engines`.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
const streams = [process.stdout, process.stderr]
for (const stream of streams) stream.on('error', leave)
const code = await runCli(process.argv.slice(2), process.env)
// A pipe takes what fits into it: what still waits would be lost with us.
await Promise.all(streams.map((stream) => new Promise((resolve) => stream.write('', resolve))))
process.exit(code)

/** Nobody reads any more (`| head`): an end without a word, as the system's own commands have it. A full disk is a fault. */
function leave({ code: fault }: NodeJS.ErrnoException): never {
  if (fault === 'EPIPE') process.exit(EXIT.unread)
  console.error(`The output cannot be written (${fault}).`)
  process.exit(EXIT[FAULTS.output_unwritable.exit])
}
