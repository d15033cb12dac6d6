import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { builtProgram } from '../../../../test/support/processes/built-program.ts'
import { until } from '../../../../test/support/until.ts'

const PROGRAM = await builtProgram(new URL('./line-gatherer.fixture.ts', import.meta.url))

test('what is urgent is written at once, with what came before it; at its exit a process writes the rest', async () => {
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const said = () => text.match(/"msg":"\w+"/g)?.map((part) => part.slice('"msg":"'.length, -1)) ?? []
  try {
    await until('two lines are there', () => said().length === 2)
    child.stdin.write('x')
    const [code] = await once(child, 'close')
    expect({ code, said: said() }).toEqual({ code: 0, said: ['first', 'second', 'third', 'fourth'] })
  } finally {
    child.kill('SIGKILL')
  }
})
