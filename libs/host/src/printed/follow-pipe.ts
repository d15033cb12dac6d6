/** Reads a named pipe that a runner made for what a run and the processes that it starts print. Called by ActiveRun. */
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { basename, join } from 'node:path'

const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW

/**
 * Opens it at once, so that nothing of it is lost, and reads until the last writer is gone, which may be long after the
 * run: a process that goes on printing must not fail for want of a reader. Throws when there is no such pipe.
 */
export function followPipe(folder: string, name: string, onChunk: (chunk: Buffer) => void): void {
  const fd = openSync(join(folder, basename(name)), FLAGS)
  if (!fstatSync(fd).isFIFO()) {
    closeSync(fd)
    throw new Error('what a runner wants to print to is no named pipe')
  }
  const pipe = new Socket({ fd, readable: true, writable: false })
  pipe.on('error', () => {})
  pipe.on('data', onChunk)
  // It does not keep the worker from ending.
  pipe.unref()
}
