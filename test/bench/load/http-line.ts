/** One keep-alive HTTP/1.1 connection that sends one request at a time; as cheap as Node allows, so that it loads. */
import { connect, type Socket } from 'node:net'
import type { Request } from './load-plan.ts'

export interface Answer {
  status: number
  body: string
}

export class HttpLine {
  readonly #socket: Socket
  readonly #host: string
  #text = ''
  #waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined

  private constructor(socket: Socket, host: string) {
    this.#socket = socket
    this.#host = host
    socket.setNoDelay(true)
    // Bodies are ASCII here, so lengths in bytes are lengths in characters.
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => this.#push(chunk))
    const end = (error = new Error('the server closed the connection')) => this.#waiting?.reject(error)
    socket.on('error', end)
    socket.on('close', () => end())
  }

  static open(url: string): Promise<HttpLine> {
    const { hostname, port, host } = new URL(url)
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port) }, () => {
        socket.off('error', reject)
        resolve(new HttpLine(socket, host))
      })
      socket.once('error', reject)
    })
  }

  /** Rejects when the connection ends before the answer. */
  send({ method, path, headers, body }: Request): Promise<Answer> {
    let head = `${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n`
    for (const name in headers) head += `${name}: ${headers[name]}\r\n`
    if (method === 'POST') head += `content-length: ${body.length}\r\n`
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.write(`${head}\r\n${body}`, 'latin1')
    })
  }

  close(): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }

  #push(chunk: string): void {
    this.#text = this.#text === '' ? chunk : this.#text + chunk
    const headEnd = this.#text.indexOf('\r\n\r\n')
    if (headEnd < 0) return
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#text.slice(0, headEnd))?.[1]
    const body = length === undefined ? this.#chunkedBody(headEnd + 4) : this.#plainBody(headEnd + 4, Number(length))
    if (body === undefined) return
    const status = Number(this.#text.slice(9, 12))
    this.#text = ''
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve({ status, body })
  }

  #plainBody(start: number, length: number): string | undefined {
    return this.#text.length < start + length ? undefined : this.#text.slice(start, start + length)
  }

  #chunkedBody(start: number): string | undefined {
    if (!this.#text.endsWith('0\r\n\r\n')) return undefined
    let body = ''
    for (let at = start; ; ) {
      const sizeEnd = this.#text.indexOf('\r\n', at)
      const size = Number.parseInt(this.#text.slice(at, sizeEnd), 16)
      if (!(size > 0)) return body
      body += this.#text.slice(sizeEnd + 2, sizeEnd + 2 + size)
      at = sizeEnd + 2 + size + 2
    }
  }
}
