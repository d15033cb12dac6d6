/**
 * A worker in small, to be killed by a test: its runner has left one process in the runner's group and one in a session of its own.
 * Prints the ids of all three.
 */
import { RunnerProcess } from '../runner-process.ts'

const MODEL = `
  const { writeSync } = require('node:fs')
  const { spawn } = require('node:child_process')
  const leave = (detached) => spawn('sleep', ['1000'], { detached, stdio: 'ignore' }).pid
  const version = [process.pid, leave(false), leave(true)].join(' ')
  writeSync(4, JSON.stringify({ type: 'ready', protocol: 1, manifest: { name: 'm', version, input_schema: {}, output_schema: {} } }) + '\\n')
  setInterval(() => undefined, 1000)
`
const nothing = () => undefined
const runner = new RunnerProcess({
  label: 'm@cpu',
  command: { command: process.execPath, args: ['-e', MODEL], env: { PATH: '/usr/local/bin:/usr/bin:/bin' } },
  logger: { debug: nothing, info: nothing, warn: nothing, error: nothing },
})
console.log((await runner.start()).version)
if (process.argv[2] === 'stop') await runner.stop(100)
