/** The runner's end of the two pipes: it reads descriptor 3 and writes descriptor 4. */
import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { type HostMessage, hostMessageSchema, LIMITS, type RunnerMessage } from '@millrace/contracts'
import { InvalidOutputError } from '@millrace/model'
import { FrameReader } from '../protocol/frame-reader.ts'

const FROM_HOST = 3
const TO_HOST = 4

export class HostPipe {
  /** Calls back for each message, and once when the host has closed its end. */
  listen(onMessage: (message: HostMessage) => void, onEnd: () => void): void {
    const pipe = new Socket({ fd: FROM_HOST, readable: true, writable: false })
    const frames = new FrameReader((text) => onMessage(messageOf(text)), onEnd)
    pipe.on('data', (chunk: Buffer) => frames.push(chunk))
    pipe.on('error', onEnd)
    pipe.on('end', onEnd)
  }

  /**
   * Writes before it returns: the message is sent, whatever the model does next, and a model that says more than the
   * host reads has to wait here. Throws InvalidOutputError for a message that is larger than a frame.
   */
  send(message: RunnerMessage): void {
    this.sendFrame(JSON.stringify(message))
  }

  /** Sends a message that is JSON already. */
  sendFrame(json: string): void {
    const frame = Buffer.from(`${json}\n`)
    if (frame.length > LIMITS.frameBytes) throw new InvalidOutputError('a message is larger than 1 MB')
    let sent = 0
    while (sent < frame.length) sent += writeSome(frame.subarray(sent))
  }
}

/** A run comes with every job, from a host of the same installation: to check its shape would cost as much as to run a small model. */
function messageOf(text: string): HostMessage {
  const message = JSON.parse(text) as HostMessage
  return message.type === 'run' ? message : hostMessageSchema.parse(message)
}

function writeSome(bytes: Buffer): number {
  try {
    return writeSync(TO_HOST, bytes)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // The pipe is made blocking, but a library of the model may have changed that.
    if (code === 'EAGAIN') {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
      return 0
    }
    // The host is gone, so nobody reads any more.
    if (code === 'EPIPE') process.exit(0)
    throw error
  }
}
