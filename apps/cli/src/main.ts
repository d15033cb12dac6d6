/** The `millrace` command as a process: hands over arguments and environment, and exits with the code that comes back. */
import { runCli } from './run-cli.ts'

process.exit(await runCli(process.argv.slice(2), process.env))
