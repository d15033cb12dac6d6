/**
 * The process of a TypeScript model: node-runner-main.ts <model file> <pid of the worker>.
 * Loads the model, says ready, and answers runs until its pipe ends or its worker is gone.
 */
import { pathToFileURL } from 'node:url'
import type { HostMessage, PrintStream } from '@millrace/contracts'
import { type AnyModel, manifestOf, modelOfModule } from '@millrace/model'
import { type AnswerableRun, answerRun } from './answer-run.ts'
import { boundPatterns } from './bound-patterns.ts'
import { describeThrown } from './describe-thrown.ts'
import { HostPipe } from './host-pipe.ts'
import { inRun, keepTextOfRuns } from './run-text.ts'
import { watchHost } from './watch-host.ts'

const HEARTBEAT_MS = 5000

async function main(modelPath: string, hostPid: number, device: string): Promise<void> {
  watchHost(hostPid)
  printAtOnce()
  keepTextOfRuns()
  const pipe = new HostPipe()
  const active = new Map<string, AnswerableRun>()
  let loaded: { model: AnyModel; state: unknown; concurrency: number } | undefined

  // An error outside of any call leaves the process in an unknown state: it is not kept. The run is answered if it is
  // the only one; of several, nobody knows whose error it was, and the end of the process says as much.
  const giveUp = (thrown: unknown): void => {
    const { message, traceback } = describeThrown(thrown)
    pipe.send({ type: 'setup_failed', message, traceback })
    if (active.size === 1) for (const run of active.values()) run.fail(thrown)
    process.exit(1)
  }
  const shutDown = async (): Promise<void> => {
    for (const run of active.values()) run.cancel()
    await Promise.all([...active.values()].map((run) => run.ended))
    await loaded?.model.teardown?.(loaded.state)
    process.exit(0)
  }
  const onMessage = (message: HostMessage): void => {
    if (message.type === 'shutdown') return void shutDown().catch(() => process.exit(1))
    if (message.type === 'cancel') return active.get(message.id)?.cancel()
    if (loaded === undefined || active.size >= loaded.concurrency) {
      return giveUp(new Error('a run came while there was no place for it'))
    }
    const { model, state, concurrency } = loaded
    const { id, work_dir: workDir } = message
    const say = (stream: PrintStream, text: string, path?: string) =>
      pipe.send({ type: 'log', id, level: 'info', stream, message: text, path })
    const printTo = (stream: PrintStream, path: string) => say(stream, '', path)
    const run = inRun({ workDir, printTo, ...(concurrency > 1 && { print: say }) }, () =>
      answerRun(model, state, message, {
        device,
        send: (answer) => pipe.send(answer),
        sendFrame: (json) => pipe.sendFrame(json),
      }),
    )
    active.set(run.id, run)
    void run.ended.then(() => active.delete(run.id))
  }

  process.on('uncaughtException', giveUp)
  process.on('unhandledRejection', giveUp)
  // Ctrl-C reaches the whole process group; the worker decides when a model ends.
  process.on('SIGINT', () => {})
  pipe.listen(onMessage, () => process.exit(0))

  try {
    const model = modelOfModule(await import(pathToFileURL(modelPath).href))
    const manifest = manifestOf(model)
    const { input, output, training } = model
    await boundPatterns([input, output, training?.input, training?.output])
    const log = (level: 'debug' | 'info' | 'warn' | 'error', text: string) =>
      pipe.send({ type: 'log', level, message: text })
    loaded = { model, state: await model.setup?.({ device, log }), concurrency: manifest.concurrency }
    pipe.send({ type: 'ready', protocol: 1, manifest })
    setInterval(() => pipe.send({ type: 'heartbeat' }), HEARTBEAT_MS)
  } catch (thrown) {
    giveUp(thrown)
  }
}

/**
 * Makes what is printed reach the host before the answer does, and survive a crash. Node has no public way to ask for
 * it; without it only order and last words are lost.
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
