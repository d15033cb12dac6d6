/** What the routes share that serve a page to browsers: how they stand in the document, and who asks for one. */
import type { ApiContext } from '../api-deps.ts'
import type { Route } from '../router.ts'

export const browserRoute = (path: string, operation: string, summary: string) =>
  ({
    method: 'get',
    path,
    operation,
    summary,
    tag: 'Service',
    auth: 'open',
    responses: { 200: { description: 'For a browser.' } },
  }) as const satisfies Route

/** Programs that take anything are better served with a few words than with a page. */
export const wantsPage = ({ req }: ApiContext): boolean => (req.header('accept') ?? '').includes('text/html')
