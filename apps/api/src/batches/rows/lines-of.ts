/** The lines of a stream of bytes, split at line feeds alone: others that a text may contain are part of a line. Used for slices and results. */
const NEWLINE = 0x0a

export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = []
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let from = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      yield Buffer.concat([...parts, bytes.subarray(from, end)])
      parts = []
      from = end + 1
    }
    parts.push(bytes.subarray(from))
  }
  const rest = Buffer.concat(parts)
  if (rest.length > 0) yield rest
}
