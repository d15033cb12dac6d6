/** A worker in small, to be killed by a test: runner-host-main.ts <model file> <mode>. Prints what the model says. */
import { createNodeRunner } from '../../../libs/host/src/runners/node-runner.ts'
import { startRun } from './run-in-folder.ts'

const [modelPath = '', mode] = process.argv.slice(2)
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const runner = createNodeRunner({ modelPath, device: 'cpu', logger: silent, env: process.env })
await runner.start()
await startRun(runner, { mode }, { onProgress: (_fraction, message) => console.log(message) }).outcome
