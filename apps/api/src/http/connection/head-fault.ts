/**
 * Finds heads of requests that Node's parser lets pass but that two readers could read in two ways, or that nobody here
 * understands. Called by the connection gate before the app sees a request.
 */
import type { IncomingMessage } from 'node:http'

/** Names and addresses as they are usually written. What a URL would read differently is refused. */
const HOST = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/

/** What is wrong with the first lines of a request, for its sender; undefined when nothing is. */
export function headFault(request: IncomingMessage): string | undefined {
  const { headers, httpVersion, method, url = '' } = request
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 'HTTP/1.1 and HTTP/1.0 are spoken here.'
  if (!url.startsWith('/') && !/^https?:\/\//i.test(url) && !(url === '*' && method === 'OPTIONS')) {
    return 'The target of a request begins with a slash.'
  }
  const coding = headers['transfer-encoding']
  if (coding !== undefined && (httpVersion === '1.0' || coding.trim().toLowerCase() !== 'chunked')) {
    return 'The one Transfer-Encoding that is read here is `chunked`, in HTTP/1.1.'
  }
  return hostFault(request)
}

function hostFault({ rawHeaders, headers, httpVersion }: IncomingMessage): string | undefined {
  if (headers.host === undefined) return httpVersion === '1.0' ? undefined : 'Name the server in a Host header.'
  const names = rawHeaders.filter((text, i) => i % 2 === 0 && text.length === 4 && text.toLowerCase() === 'host')
  if (names.length > 1) return 'Send one Host header.'
  return HOST.test(headers.host) ? undefined : 'The Host header is a name or an address, and a port where there is one.'
}
