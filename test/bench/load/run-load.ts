/** Carries out a load plan. Runs in the load generator's process. */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from '../measure/median.ts'
import { type Answer, HttpLine } from './http-line.ts'
import type { BurstPlan, FloodPlan, LoadPlan, LoadResult, Request, SequencePlan } from './load-plan.ts'

const MOST_IDS = 1000
const MOST_POLL_MS = 60_000
/** Connections that look whether a burst is done. */
const READERS = 2
const READ: Request = { method: 'GET', path: '/jobs/{id}', headers: {}, body: '' }
/** Of a job, a task or an event, as each stack calls it. */
const ID = /"(?:task_|event_)?id": ?"([^"]+)"/

interface Tally {
  times: number[]
  wrong: number
  firstWrong?: string
  ids: string[]
}

export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const tally: Tally = { times: [], wrong: 0, ids: [] }
  const count = plan.kind === 'sequence' ? 1 : plan.connections
  const lines = await Promise.all(Array.from({ length: count }, () => HttpLine.open(plan.url)))
  const cpuBefore = process.cpuUsage()
  const started = performance.now()
  await carryOut(plan, lines, tally)
  const seconds = (performance.now() - started) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  for (const line of lines) line.close()
  const requests = tally.times.length
  return {
    requests,
    wrong: tally.wrong,
    firstWrong: tally.firstWrong,
    seconds,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    p50Ms: quantile(tally.times, 0.5),
    p99Ms: quantile(tally.times, 0.99),
    ids: tally.ids,
  }
}

function carryOut(plan: LoadPlan, lines: HttpLine[], tally: Tally): Promise<void> {
  if (plan.kind === 'flood') return flood(plan, lines, tally)
  return plan.kind === 'burst' ? burst(plan, lines, tally) : sequence(plan, lines[0] as HttpLine, tally)
}

async function flood(plan: FloodPlan, lines: HttpLine[], tally: Tally): Promise<void> {
  const until = performance.now() + plan.durationMs
  const most = plan.most ?? Number.POSITIVE_INFINITY
  // One random part for the run: a number behind it is as unique and costs nothing.
  const run = randomUUID()
  let sent = 0
  const drive = async (line: HttpLine): Promise<void> => {
    while (sent < most && performance.now() < until) {
      const template = plan.requests[sent % plan.requests.length] as Request
      const request = plan.idempotencyKeys ? withKey(template, `${run}-${sent}`) : template
      sent++
      const started = performance.now()
      const answer = await sendUntilTaken(line, request, plan)
      tally.times.push(performance.now() - started)
      if (answer.status !== plan.expectStatus) noteWrong(answer, tally)
      if (tally.ids.length < MOST_IDS) noteId(answer, tally)
    }
  }
  await Promise.all(lines.map(drive))
}

/** A server without a queue refuses what finds no place. */
async function sendUntilTaken(
  line: HttpLine,
  request: Request,
  { againStatus }: FloodPlan | SequencePlan,
): Promise<Answer> {
  for (;;) {
    const answer = await line.send(request)
    if (answer.status !== againStatus) return answer
  }
}

const withKey = (request: Request, key: string): Request => ({
  ...request,
  headers: { ...request.headers, 'idempotency-key': key },
})

function noteWrong({ status, body }: Answer, tally: Tally): void {
  tally.wrong++
  tally.firstWrong ??= `${status} ${body.slice(0, 200)}`
}

function noteId({ body }: Answer, tally: Tally): void {
  const id = ID.exec(body)?.[1]
  if (id !== undefined) tally.ids.push(id)
}

async function sequence(plan: SequencePlan, line: HttpLine, tally: Tally): Promise<void> {
  for (let i = 0; i < plan.count; i++) {
    const started = performance.now()
    let answer = await sendUntilTaken(line, plan.submit, plan)
    if (plan.pollMs !== undefined) answer = await poll(line, plan, ID.exec(answer.body)?.[1] ?? '')
    tally.times.push(performance.now() - started)
    if (!answer.body.includes(plan.expectText)) noteWrong(answer, tally)
  }
}

async function burst(plan: BurstPlan, lines: HttpLine[], tally: Tally): Promise<void> {
  const ids: string[] = []
  let sent = 0
  const drive = async (line: HttpLine): Promise<void> => {
    while (sent < plan.count) {
      sent++
      const started = performance.now()
      const answer = await line.send(plan.submit)
      tally.times.push(performance.now() - started)
      if (answer.status !== plan.expectStatus) noteWrong(answer, tally)
      else ids.push(ID.exec(answer.body)?.[1] ?? '')
    }
  }
  await Promise.all(lines.map(drive))
  // More at once would take the cores from the work.
  const left = ids.values()
  const look = async (line: HttpLine): Promise<void> => {
    for (const id of left) {
      const answer = await poll(line, plan, id)
      if (!answer.body.includes(plan.expectText)) noteWrong(answer, tally)
    }
  }
  await Promise.all(lines.slice(0, READERS).map(look))
}

interface Polled {
  kind: LoadPlan['kind']
  read?: Request
  pollMs?: number
  expectText: string
}

/** Reads the job until it holds the text; gives up after a while, and that job counts as wrong. */
async function poll(line: HttpLine, { kind, read = READ, pollMs, expectText }: Polled, id: string): Promise<Answer> {
  const until = performance.now() + MOST_POLL_MS
  const request = { ...read, path: read.path.replace('{id}', id) }
  // One that was submitted just now is not done yet; one of a burst may be.
  if (kind === 'sequence') await pause(pollMs)
  for (;;) {
    const answer = await line.send(request)
    if (answer.body.includes(expectText) || performance.now() > until) return answer
    await pause(pollMs)
  }
}
