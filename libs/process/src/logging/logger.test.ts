import { describe, expect, it } from 'vitest'
import { createLogger, type LoggerOptions } from './logger.ts'

function capture(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = []
  const logger = createLogger({ level: 'info', format: 'json', write: (line) => lines.push(line), ...options })
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> }
}

/** An error as a Redis client throws it: it carries the command with the job's data. */
const clientError = (): Error =>
  Object.assign(new Error('OOM command not allowed'), {
    name: 'ReplyError',
    code: 'OOM',
    command: { name: 'evalsha', args: ['canary-of-the-input'] },
  })

describe('the logger', () => {
  it('keeps name, code and message of an error and nothing else of it', () => {
    const { logger, last, lines } = capture()
    logger.error({ err: clientError(), job: 'job_1' }, 'could not submit')
    expect(last()).toMatchObject({
      level: 'error',
      msg: 'could not submit',
      job: 'job_1',
      err: { name: 'ReplyError', code: 'OOM', message: 'OOM command not allowed' },
    })
    logger.error(clientError())
    logger.error({ failure: clientError(), other: { err: clientError() } }, 'under another name')
    logger
      .child({ err: clientError(), options: { args: ['canary-of-the-input'] } })
      .child({ body: { text: 'canary' } })
      .info('in a child')
    expect(lines.join('')).not.toContain('canary')
  })

  it('shows stacks at debug only, and causes without their extra fields', () => {
    const error = new Error('outer', { cause: clientError() })
    const quiet = capture()
    quiet.logger.error({ err: error }, 'x')
    expect(quiet.last().err).toEqual({
      name: 'Error',
      message: 'outer',
      cause: { name: 'ReplyError', code: 'OOM', message: 'OOM command not allowed' },
    })
    const debug = capture({ level: 'debug' })
    debug.logger.error({ err: error }, 'x')
    expect((debug.last().err as { stack: string }).stack).toContain('logger.test.ts')
  })

  it('drops objects, and cuts texts and messages to 1 KB', () => {
    const { logger, last, lines } = capture()
    logger.info({ body: { secret: 'canary' }, long: 'x'.repeat(1e6), ids: ['a', 1] }, 'y'.repeat(1e6))
    expect(last()).toMatchObject({ ids: ['a', 1] })
    expect(last()).not.toHaveProperty('body')
    logger.error(new Error('z'.repeat(1e6)))
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(4096)
  })

  it('takes user and password out of addresses', () => {
    const { logger, lines } = capture()
    logger.info({ url: 'redis://:hunter2@host:6379' }, 'at redis://user:hunter2@host')
    logger.error({ err: new Error('connect redis://:hunter2@host failed') }, 'x')
    expect(lines.join('')).toContain('redis://***@host')
    expect(lines.join('')).not.toContain('hunter2')
  })

  it('writes one plain line each as text', () => {
    const { logger, lines } = capture({ format: 'text' })
    logger.info({ port: 7070 }, 'listening')
    logger.warn({ err: clientError() }, 'trouble')
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d {2}listening {2}port=7070\n$/)
    expect(lines[1]).toMatch(/warn: trouble {2}err=OOM OOM command not allowed\n$/)
  })
})
