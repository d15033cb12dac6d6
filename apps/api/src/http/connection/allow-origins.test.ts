import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadConfig } from '@millrace/process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { allowOrigins } from './allow-origins.ts'

let allowed: string[] = []
let asked = 0
let server: Server
let url = ''

beforeAll(async () => {
  server = createServer((request, response) => {
    if (allowOrigins(request, response, allowed)) return
    asked++
    response.writeHead(200, { 'x-request-id': 'r' }).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/jobs`
})
afterAll(() => server.close())

const APP = 'https://app.example.com'
const corsOf = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-') || name === 'vary'))
const ask = (origin: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(url, { method, headers: { origin, ...headers } })
const preflight = (origin: string, asks = 'authorization,x-fal-queue-priority') =>
  ask(origin, { 'access-control-request-method': 'POST', 'access-control-request-headers': asks }, 'OPTIONS')

it('says nothing unless origins are named', async () => {
  allowed = []
  expect(corsOf(await ask(APP))).toEqual({})
})

it('answers a preflight of a named origin by itself, whatever headers a client has, and never lets cookies through', async () => {
  allowed = [APP, 'http://localhost:3000']
  asked = 0
  const answer = await preflight(APP)
  expect([answer.status, asked]).toEqual([204, 0])
  expect(corsOf(answer)).toEqual({
    vary: 'Origin',
    'access-control-allow-origin': APP,
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, QUERY',
    'access-control-allow-headers': 'authorization,x-fal-queue-priority',
    'access-control-max-age': '7200',
  })
  expect(corsOf(await preflight(APP, 'a b;c'))['access-control-allow-headers']).toBeUndefined()
})

it('lets a named origin read every header, and tells others nothing', async () => {
  allowed = [APP]
  expect(corsOf(await ask(APP))).toMatchObject({
    'access-control-allow-origin': APP,
    'access-control-expose-headers': expect.stringMatching(/^\*, Location, Retry-After, X-Request-Id/),
  })
  for (const other of ['https://app.example.com.evil.test', 'http://app.example.com', 'null'])
    for (const answer of [await ask(other), await preflight(other)]) expect(corsOf(answer)).toEqual({ vary: 'Origin' })
})

it('answers all alike when all are let in', async () => {
  allowed = ['*']
  expect(corsOf(await ask('null'))).toMatchObject({ 'access-control-allow-origin': '*' })
})

it.each(['https://app.example.com/', 'app.example.com', '*,https://app.example.com', 'https://*.example.com'])(
  'refuses the setting %j',
  (value) => {
    expect(() => loadConfig({ MILLRACE_CORS_ORIGINS: value })).toThrow('MILLRACE_CORS_ORIGINS')
  },
)
