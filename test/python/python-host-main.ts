/** A worker in small, to be killed by a test: python-host-main.ts <model folder> <input as JSON>. Prints what the model says. */
import { startRun } from '../contract/runner/run-in-folder.ts'
import { startPythonModel } from './python-model.ts'

const [source = '', input = '{}'] = process.argv.slice(2)
const runner = await startPythonModel({ source })
await startRun(runner, JSON.parse(input), { onProgress: (_fraction, message) => console.log(message) }).outcome
