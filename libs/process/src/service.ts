/**
 * Starts and stops everything that runs in a process. The commands of the CLI list their services in order;
 * `runServices` starts them, stops them in reverse order on SIGTERM or SIGINT, and gives the exit code.
 */
import { type Lifecycle, within } from '@millrace/async'
import type { Logger } from './logging/logger.ts'
import { logStrayOutput } from './logging/log-stray-output.ts'

/** Something that serves after its start. If the start fails, it has freed everything before it rejects. */
export interface Service extends Lifecycle {
  /** Name for the log. */
  readonly name: string
}

export interface RunningServices {
  /** Stops everything, in reverse order. `code` (default 0) is what `done` resolves with. */
  stop(code?: number): Promise<void>
  /** Resolves with the exit code once everything has stopped. */
  readonly done: Promise<number>
}

/** Milliseconds after the grace, for writing down what must not be lost. */
const STOP_SLACK_MS = 5_000

/**
 * Starts the services one after the other. Rejects when one cannot start, after it has stopped those before. The first
 * signal drains (`graceMs`, default 30 s), the second one exits at once. A rejected promise that nobody caught is
 * logged, drains too, and makes the exit code 1.
 */
export async function runServices(
  services: readonly Service[],
  logger: Logger,
  options: { graceMs?: number } = {},
): Promise<RunningServices> {
  const graceMs = options.graceMs ?? 30_000
  const started: Service[] = []
  let stopping: Promise<number> | undefined
  let resolveDone: (code: number) => void
  const done = new Promise<number>((resolve) => {
    resolveDone = resolve
  })

  const stop = async (code = 0): Promise<void> => {
    stopping ??= (async () => {
      // A service that is just starting may finish its start, so that it can be stopped like the others.
      await boot.catch(() => undefined)
      const clean = await stopAll(started, logger, graceMs)
      release()
      return clean ? code : 1
    })()
    resolveDone(await stopping)
  }
  const release = watchProcess(logger, (code) => void stop(code))
  const boot = (async () => {
    for (const service of services) {
      if (stopping) return
      await service.start()
      started.push(service)
    }
  })()

  try {
    await boot
  } catch (error) {
    await stop(1)
    throw error
  }
  return { stop, done }
}

/** Stops in reverse order. False when one failed or took longer than the grace; the others are stopped all the same. */
async function stopAll(started: Service[], logger: Logger, graceMs: number): Promise<boolean> {
  let clean = true
  for (const service of started.toReversed()) {
    try {
      const mostMs = graceMs + STOP_SLACK_MS
      await within(service.stop(graceMs), mostMs, () => new Error(`still not stopped after ${mostMs} ms`))
    } catch (error) {
      clean = false
      logger.error({ err: error, service: service.name }, 'could not stop cleanly')
    }
  }
  return clean
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

/** Turns signals and uncaught errors into a stop. Returns the function that detaches from the process. */
function watchProcess(logger: Logger, stop: (code: number) => void): () => void {
  let isSignaled = false
  const onSignal = (signal: keyof typeof SIGNALS) => {
    // Only a second signal exits at once. Another reason to stop does not count: a parent's message and a signal may mean
    // the same stop.
    if (isSignaled) process.exit(SIGNALS[signal])
    isSignaled = true
    logger.info({ signal }, 'stopping')
    stop(0)
  }
  const onRejection = (reason: unknown) => {
    logger.error({ err: asError(reason) }, 'a promise was rejected and nobody caught it')
    stop(1)
  }
  // After this, nothing in the process can be trusted. Accepted jobs are in Redis, so it is safe to leave.
  const onException = (error: unknown) => {
    logger.fatal({ err: asError(error) }, 'uncaught exception')
    process.exit(1)
  }
  const letGo = logStrayOutput(logger)
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  process.on('unhandledRejection', onRejection).on('uncaughtException', onException)
  return () => {
    letGo()
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    process.off('unhandledRejection', onRejection).off('uncaughtException', onException)
  }
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))
