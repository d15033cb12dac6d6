import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { RouteFinder } from './route-finder.ts'

function appOf() {
  const app = new Hono({ router: new RouteFinder() })
  app.use(async (c, next) => {
    await next()
    c.header('x-around', 'yes')
  })
  app.get('/jobs', (c) => c.text('list'))
  app.get('/jobs/counts', (c) => c.text('counts'))
  app.get('/jobs/:id', (c) => c.text(`job ${c.req.param('id')}`))
  app.all('/jobs/counts', (c) => c.text('no', 405))
  return app
}

const answer = async (path: string, method = 'GET') => {
  const response = await appOf().request(path, { method })
  return [response.status, await response.text(), response.headers.get('x-around')]
}

it('prefers a path without a pattern, and gives all of them what goes around every request', async () => {
  expect(await answer('/jobs')).toEqual([200, 'list', 'yes'])
  expect(await answer('/jobs/counts')).toEqual([200, 'counts', 'yes'])
  expect(await answer('/jobs/a')).toEqual([200, 'job a', 'yes'])
  expect(await answer('/jobs/counts', 'DELETE')).toEqual([405, 'no', 'yes'])
  expect(await answer('/nothing')).toEqual([404, '404 Not Found', 'yes'])
})

it('answers the same when it is asked again', async () => {
  const app = appOf()
  for (let i = 0; i < 3; i++) {
    expect(await (await app.request('/jobs/counts')).text()).toBe('counts')
    expect(await (await app.request('/jobs/b')).text()).toBe('job b')
  }
})
