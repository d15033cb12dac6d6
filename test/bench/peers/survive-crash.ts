/** What is left of accepted jobs when all that serves is killed and started again. Called by measurePeer. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Request } from '../load/load-plan.ts'
import type { ServedStack } from '../stacks/start-peer-stack.ts'

/** So many, each of that length: most are still waiting when the stack is killed. */
const JOBS = 100
const JOB_MS = 200

export interface Survival {
  accepted: number
  /** Of those, done and told so by the time that was given. */
  done: number
  /** From the kill until the last of them was. Seconds. */
  seconds: number
  /** How long was waited for all of them. Seconds. */
  waited: number
}

/** Waits until all are done, or for so long after the restart. Milliseconds. */
export async function surviveCrash(stack: ServedStack, read: Request, mostMs: number): Promise<Survival> {
  const submits = Array.from({ length: JOBS }, () => send(stack.url, stack.submit('a', JOB_MS)))
  const answers = await Promise.all(submits)
  const open = new Set(answers.filter(({ status }) => status === stack.submitStatus).map(({ body }) => idIn(body)))
  const accepted = open.size
  const killed = performance.now()
  let last = killed
  await stack.crash()
  const until = performance.now() + mostMs
  while (open.size > 0 && performance.now() < until) {
    for (const id of open) {
      if (!(await isDone(stack, read, id))) continue
      open.delete(id)
      last = performance.now()
    }
    await pause(250)
  }
  const [seconds, waited] = [last - killed, performance.now() - killed].map((ms) => ms / 1000) as [number, number]
  return { accepted, done: accepted - open.size, seconds, waited }
}

async function isDone({ url, doneText }: ServedStack, read: Request, id: string): Promise<boolean> {
  const { body } = await send(url, { ...read, path: read.path.replace('{id}', id) })
  return body.includes(doneText)
}

const idIn = (body: string): string => /"(?:task_|event_)?id": ?"([^"]+)"/.exec(body)?.[1] ?? ''

async function send(url: string, { method, path, headers, body }: Request): Promise<{ status: number; body: string }> {
  const init = { method, headers, signal: AbortSignal.timeout(10_000), ...(method === 'POST' ? { body } : {}) }
  try {
    const answer = await fetch(`${url}${path}`, init)
    return { status: answer.status, body: await answer.text() }
  } catch {
    // One that does not answer has told nothing.
    return { status: 0, body: '' }
  }
}
