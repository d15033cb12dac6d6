/** Reads a named pipe that a runner made. A run, and the processes that it starts, print into it. Called by ActiveRun. */
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { basename, join } from 'node:path'

const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW

/**
 * Opens the pipe at once, so that nothing is lost, and reads until the last writer is gone. That may be long after the run:
 * a process that goes on printing must not fail because nobody reads. Throws when there is no such pipe.
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
  // The open pipe must not keep the worker from ending.
  pipe.unref()
}
