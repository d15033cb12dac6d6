/**
 * One model in one worker: its runners, its consumer, its place in the registry. Takes jobs only while a runner is
 * ready, so a model that can't be set up, or keeps crashing, claims nothing. Made by create-worker.ts.
 */
import type { Log, Manifest } from '@millrace/contracts'
import type { Consumer, Delivery, Handled, ModelPublisher } from '@millrace/queue'
import { runAttempt } from '../attempt/run-attempt.ts'
import { compileOutputCheck, costNotesOf, nullableOutput, type Runner, type WorkerModel } from '@millrace/host'
import type { AttemptDeps } from '../attempt/attempt-deps.ts'
import type { FaultLog } from '../fault-log.ts'
import { createInFlight } from '../places/in-flight.ts'
import { createPresence, type Presence } from './presence.ts'
import { settledWithin } from '@millrace/async'
import { SlotPool } from '../places/slot-pool.ts'

export type CreateConsumer = (
  model: string,
  handle: (delivery: Delivery) => Promise<Handled>,
  options: { concurrency: number },
) => Consumer

/** What an attempt needs and all models of a worker share. */
export type SharedAttemptDeps = Omit<AttemptDeps, 'manifest' | 'outputChecks' | 'slots' | 'inFlight'>

export interface ModelWorkerDeps {
  model: WorkerModel
  /** One per slot. */
  devices: readonly string[]
  attempts: SharedAttemptDeps
  registry: ModelPublisher
  createConsumer: CreateConsumer
  /** Throws when another model of this worker has that name. */
  claimName(name: string, label: string): void
  /** Hears that it takes jobs now; once. */
  onServed?: (manifest: Manifest) => void
  logger: Log
  logFault: FaultLog
  /** How often readiness is looked at. Default 1000 ms. */
  tendMs?: number
  /** How long claimed jobs wait for a runner to come back before they are given back. Default 30,000 ms. */
  strandedMs?: number
}

export interface ModelWorker {
  readonly label: string
  /** Its manifest, once loaded. */
  readonly manifest: Manifest | undefined
  /** Runners that run or can run. */
  readonly readyRunners: number
  /** Resolves when it takes jobs; rejects when it never will. A setup that fails is tried again without end. */
  start(): Promise<void>
  /** Takes nothing new; what has not begun to run goes back, runs go on. */
  drain(): Promise<void>
  /** Resolves when nothing is in hand. */
  idle(): Promise<void>
  /** Stops the runners, leaves the registry, lets the consumer go. Safe twice and before start. */
  stop(graceMs: number): Promise<void>
}

export function createModelWorker(deps: ModelWorkerDeps): ModelWorker {
  const { model, devices, logger, logFault } = deps
  const { tendMs = 1000, strandedMs = 30_000 } = deps
  const runners: Runner[] = []
  const inHand = new Set<Promise<Handled>>()
  const slots = new SlotPool(() => queueMicrotask(tend))
  let served: { manifest: Manifest; consumer: Consumer; presence: Presence } | undefined
  let checks: Promise<AttemptDeps['outputChecks']> | undefined
  let taking = false
  let leaving = false
  let downSince: number | undefined
  let timer: NodeJS.Timeout | undefined

  const handle = async (attempts: AttemptDeps, delivery: Delivery): Promise<Handled> => {
    const handled = runAttempt(attempts, delivery)
    inHand.add(handled)
    try {
      return await handled
    } finally {
      inHand.delete(handled)
    }
  }

  /** The first runner that has loaded tells what the model is. */
  const serve = (manifest: Manifest, outputChecks: AttemptDeps['outputChecks']) => {
    const places = devices.length * manifest.concurrency
    const inFlight = createInFlight(places, (target) => served?.consumer.setConcurrency(target))
    deps.claimName(manifest.name, model.label)
    const attempts: AttemptDeps = {
      ...deps.attempts,
      manifest,
      outputChecks,
      slots,
      inFlight,
    }
    const consumer = deps.createConsumer(manifest.name, (delivery) => handle(attempts, delivery), {
      concurrency: inFlight.target,
    })
    const presence = createPresence({ registry: deps.registry, manifest, workerId: attempts.workerId, logFault })
    served = { manifest, consumer, presence }
    consumer.start()
    taking = true
    timer = setInterval(tend, tendMs)
    logger.info({ model: manifest.name, version: manifest.version, slots: devices.length }, 'A model is ready')
  }

  /** Keeps the consumer and the registry in step with the runners. */
  const tend = () => {
    if (!served || leaving) return
    const { consumer, presence, manifest } = served
    if (slots.readyCount() > 0) {
      downSince = undefined
      presence.show()
      if (!taking) consumer.resume()
      taking = true
      return
    }
    downSince ??= performance.now()
    presence.hide()
    if (taking) {
      taking = false
      logger.warn({ model: manifest.name }, 'No runner is ready: no jobs are taken until one is')
      consumer.pause().catch((error: unknown) => logFault('A consumer could not be paused', error))
    }
    if (performance.now() - downSince > strandedMs) slots.turnAway()
  }

  const load = async (device: string): Promise<void> => {
    const runner = model.createRunner(device)
    runners.push(runner)
    const manifest = await runner.start()
    checks ??= prepareChecks(manifest, logger)
    const outputChecks = await checks
    if (leaving) return
    const first = !served
    if (first) serve(manifest, outputChecks)
    slots.add(device, runner, manifest.concurrency)
    if (first) deps.onServed?.(manifest)
  }

  const stopRunners = (graceMs: number) => Promise.allSettled(runners.map((runner) => runner.stop(graceMs)))

  return {
    label: model.label,
    get manifest() {
      return served?.manifest
    },
    get readyRunners() {
      return slots.readyCount()
    },
    async start() {
      const loads = devices.map(load)
      for (const loading of loads) {
        loading.catch(
          (error: unknown) => !leaving && logFault('A runner could not be used', error, { model: model.label }),
        )
      }
      try {
        await Promise.any(loads)
      } catch (error) {
        leaving = true
        await stopRunners(0)
        throw error instanceof AggregateError ? error.errors[0] : error
      }
    },
    async drain() {
      leaving = true
      clearInterval(timer)
      slots.drain()
      served?.presence.hide()
      await served?.consumer.pause()
    },
    async idle() {
      while (inHand.size > 0) await Promise.allSettled(inHand)
    },
    async stop(graceMs) {
      leaving = true
      clearInterval(timer)
      slots.drain()
      slots.close()
      await Promise.all([
        stopRunners(graceMs),
        served && settledWithin(served.presence.leave(), Math.min(graceMs, 1000)),
        // With nothing in hand it has only its connections to close, and with Redis away it would wait for that.
        served && settledWithin(served.consumer.close(), inHand.size === 0 ? Math.min(graceMs, 1000) : graceMs),
      ])
    },
  }
}

/** Once per model, by the first runner that has loaded. Rejects with InvalidOutputError. */
async function prepareChecks(manifest: Manifest, logger: Log): Promise<AttemptDeps['outputChecks']> {
  const { name, output_schema, training } = manifest
  const prediction = compileOutputCheck(output_schema, name)
  const trained = training ? compileOutputCheck(training.output_schema, name) : undefined
  for (const check of [prediction, trained]) await check?.prepare()
  for (const { schema, note } of costNotesOf(manifest)) {
    logger.warn({ model: name, schema, note: note.message }, 'A schema makes checks costly')
  }
  return {
    prediction: nullableOutput(manifest, prediction),
    training: trained && nullableOutput(manifest, trained),
  }
}
