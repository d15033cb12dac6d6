/** The call as a program: with the TypeScript client, and with the Python client. */
import type { ShownCall } from './shown-call.ts'
import { PYTHON, text, TYPESCRIPT, writeLiteral } from './write-literal.ts'

export function writeTypeScript({ url, model, input, files, options, withKey }: ShownCall): string {
  const names = ['createClient', ...(files.size > 0 ? ['fileAt'] : [])].join(', ')
  const key = withKey ? `, apiKey: process.${'env'}.MILLRACE_API_KEY` : ''
  const more = options.size === 0 ? '' : `, ${writeLiteral(options, TYPESCRIPT, new Map())}`
  return `import { ${names} } from '@millrace/client'

const client = createClient({ url: ${text(url)}${key} })
const job = await client.run(${text(model)}, ${writeLiteral(input, TYPESCRIPT, files)}${more})
console.log(job.output)
`
}

export function writePython({ url, model, input, files, options, withKey }: ShownCall): string {
  const imports = [...(withKey ? ['import os'] : []), ...(files.size > 0 ? ['from pathlib import Path'] : [])]
  const key = withKey ? ', api_key=os.environ["MILLRACE_API_KEY"]' : ''
  const more = [...options].map(([name, value]) => `, ${name}=${writeLiteral(value, PYTHON, new Map())}`)
  return `${[...imports, 'from millrace import Client'].join('\n')}

client = Client(${text(url)}${key})
job = client.run(${text(model)}, ${writeLiteral(input, PYTHON, files)}${more.join('')})
print(job["output"])
`
}
