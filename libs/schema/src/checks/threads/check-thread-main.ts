/**
 * The code of a thread that runs costly checks. It may be stopped at any point. check-threads.ts starts it and gives it one
 * order at a time.
 */
import { parentPort } from 'node:worker_threads'
import { CheckTooCostlyError, UnusableSchemaError } from '../validator/check-errors.ts'
import type { ThreadAnswer, ThreadOrder } from './check-thread-protocol.ts'
import { type SchemaRunner, schemaRunner } from '../validator/schema-runner.ts'

const runners = new Map<string, SchemaRunner>()

function answerTo({ key, schema, rules, check, files }: ThreadOrder): ThreadAnswer {
  let runner = runners.get(key)
  if (!runner) {
    if (!schema) throw new Error('no schema by this key')
    runner = schemaRunner(schema, rules)
    runners.set(key, runner)
  }
  if (!check) return { kind: 'made' }
  const verdict = runner.run(
    check,
    (text) => files.get(text),
    (first) => say({ kind: 'first', verdict: first }),
  )
  return { kind: 'done', verdict }
}

function tried(order: ThreadOrder): ThreadAnswer {
  try {
    return answerTo(order)
  } catch (error) {
    if (error instanceof CheckTooCostlyError) return { kind: 'costly', reason: error.reason }
    if (error instanceof UnusableSchemaError) return { kind: 'unusable', message: error.message }
    throw error
  }
}

const say = (answer: ThreadAnswer): void => parentPort?.postMessage(answer)

parentPort?.on('message', (order: ThreadOrder) => say(tried(order)))
say({ kind: 'ready' })
