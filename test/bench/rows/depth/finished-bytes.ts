/** What Redis keeps of a job that has ended well. Called by the row about depth. */
import { redisBytes } from '../../measure/redis-memory.ts'
import { DEPTH_OPERATIONS } from './depth-operations.ts'
import { JobLine } from './job-line.ts'

/** Bytes per job, input and output included, over so many that went all the way. */
export async function finishedBytes(jobs: number): Promise<number> {
  const line = await JobLine.open()
  try {
    // What is made once, such as connections and scripts, is there before.
    await finish(line, 100)
    const before = await redisBytes(line.redis)
    await finish(line, jobs)
    return ((await redisBytes(line.redis)) - before) / jobs
  } finally {
    await line.stop()
  }
}

async function finish(line: JobLine, jobs: number): Promise<void> {
  await line.fill(jobs)
  for (const { name, act } of DEPTH_OPERATIONS) {
    if (name === 'take' || name === 'settle') await act(line, jobs, undefined)
  }
}
