/**
 * The program of a TypeScript model's process: node-runner-main.ts <model file> <pid of the worker>.
 * Loads the model, says ready, and answers runs until its pipe ends or its worker is gone.
 */
import { ModelProcess } from './model-process.ts'
import { keepTextOfRuns } from './run-text.ts'
import { watchHost } from './watch-host.ts'

async function main(modelPath: string, hostPid: number, device: string): Promise<void> {
  watchHost(hostPid)
  printAtOnce()
  keepTextOfRuns()
  const model = new ModelProcess(device)
  process.on('uncaughtException', (error) => model.giveUp(error))
  process.on('unhandledRejection', (reason) => model.giveUp(reason))
  // Ctrl-C reaches the whole process group; the worker decides when a model ends.
  process.on('SIGINT', () => {})
  model.listen()
  await model.load(modelPath)
}

/**
 * Makes printed text reach the host before the answer, and survive a crash. Node has no public way to ask for this;
 * without it, only the order and the last words are lost.
 */
function printAtOnce(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const { _handle: handle } = stream as { _handle?: { setBlocking?(blocking: boolean): void } }
    handle?.setBlocking?.(true)
  }
}

const [modelPath, hostPid] = process.argv.slice(2)
if (modelPath === undefined || hostPid === undefined) throw new Error('usage: node-runner-main <model file> <host pid>')
await main(modelPath, Number(hostPid), process.env.MILLRACE_DEVICE ?? 'cpu')
