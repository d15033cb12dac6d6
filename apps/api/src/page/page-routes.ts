/**
 * The web page: `/` for browsers, and the script and the style sheet that it names. It holds nothing but code, so it needs no key;
 * all that it shows comes from the API and does. Other clients are told at `/` where the API is.
 */
import { ProblemError } from '@millrace/contracts'
import type { Access } from '../http/access/authenticate.ts'
import type { ApiContext, ApiDeps, ReadPage } from '../http/api-deps.ts'
import { wantsPage } from '../http/text/browser-route.ts'
import type { Router, UnlistedRoute } from '../http/router.ts'
import { sendText, type Text } from '../http/text/send-text.ts'
import { type KeptFile, PageFiles } from './page-files.ts'
import { PagePolicy } from './page-policy.ts'

const pageRoute: UnlistedRoute = { method: 'get', path: '/', operation: 'getPage', auth: 'open' }
const assetRoute: UnlistedRoute = { method: 'get', path: '/ui/{asset}', operation: 'getPageAsset', auth: 'open' }

/** Its name tells its content. */
const FOREVER = 'public, max-age=31536000, immutable'

interface PageDeps extends Pick<ApiDeps, 'objects' | 'logger'> {
  page: ReadPage
  access: Pick<Access, 'meetHost'>
  config: Pick<ApiDeps['config'], 'docs'>
}

export function pageRoutes(router: Router, { page, access, config, objects, logger }: PageDeps): void {
  const files = new PageFiles(page)
  const policy = new PagePolicy(objects)
  const read = async (name: string): Promise<KeptFile> => {
    const file = await files.get(name).catch((error: unknown) => {
      logger.error({ err: error }, 'the web page cannot be made')
      throw new ProblemError('internal', { cause: error })
    })
    if (!file) throw new ProblemError('not_found')
    return file
  }

  router.addUnlisted(pageRoute, async (c) => {
    access.meetHost(c)
    c.header('vary', 'accept, accept-encoding')
    if (!wantsPage(c))
      return c.json({ name: 'Millrace', api: 'v1', ...(config.docs && { docs: 'docs', openapi: 'openapi.json' }) })
    const file = await read('index.html')
    return send(c, file, { 'cache-control': 'no-cache', 'content-security-policy': await policy.text() })
  })

  router.addUnlisted(assetRoute, async (c) => {
    c.header('vary', 'accept-encoding')
    return send(c, await read(c.req.param('asset') ?? ''), { 'cache-control': FOREVER })
  })
}

function send(c: ApiContext, { plain, packed }: KeptFile, headers: Record<string, string>): Response {
  const takesPacked = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(c.req.header('accept-encoding') ?? '')
  const text: Text = takesPacked ? packed : plain
  return sendText(c, text, takesPacked ? { ...headers, 'content-encoding': 'gzip' } : headers)
}
