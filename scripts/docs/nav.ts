/**
 * The pages of the site in the order in which they are read. Called by build-site.ts; a law of test/architecture holds that every
 * page of docs is here, so a new page is one line.
 */

export interface NavPage {
  /** From the root of the repository. */
  path: string
  /** What the page is called beside the others; its own title may be longer. */
  label: string
}

export interface NavGroup {
  label: string
  pages: readonly NavPage[]
}

const page = (path: string, label: string): NavPage => ({ path, label })

export const NAV: readonly NavGroup[] = [
  {
    label: 'Begin',
    pages: [
      page('docs/index.md', 'Overview'),
      page('README.md', 'What it is'),
      page('docs/quick-start.md', 'First Python model'),
    ],
  },
  {
    label: 'Models',
    pages: [page('docs/models.md', 'Writing models'), page('docs/hooks.md', 'Hooks')],
  },
  {
    label: 'Use',
    pages: [
      page('docs/client.md', 'Command line and TypeScript'),
      page('docs/python-client.md', 'Python'),
      page('docs/files.md', 'Files'),
      page('docs/webhooks.md', 'Webhooks'),
      page('docs/batches.md', 'Batches'),
      page('docs/job-actions.md', 'Many jobs at once'),
      page('docs/mcp.md', 'Tools of agents'),
      page('docs/page.md', 'The web page'),
    ],
  },
  {
    label: 'Move here',
    pages: [
      page('docs/migrate.md', 'From Replicate, RunPod, Celery'),
      page('docs/dialects.md', 'Clients of other platforms'),
    ],
  },
  {
    label: 'Operate',
    pages: [
      page('docs/deploy.md', 'Deploy'),
      page('docs/kubernetes.md', 'Kubernetes'),
      page('docs/metrics.md', 'Metrics, boards and alerts'),
      page('docs/upgrade.md', 'Upgrade'),
      page('docs/keys.md', 'Keys'),
      page('docs/tenants.md', 'Tenants'),
      page('docs/usage.md', 'Usage'),
      page('docs/audit.md', 'Audit'),
      page('docs/erasure.md', 'Erasing a customer'),
      page('docs/backup.md', 'Backups'),
      page('SECURITY.md', 'Security'),
    ],
  },
  {
    label: 'Reference',
    pages: [page('docs/errors.md', 'Errors'), page('docs/glossary.md', 'Glossary'), page('CHANGELOG.md', 'Changelog')],
  },
  {
    label: 'Inside',
    pages: [
      page('docs/where.md', 'Where does X live?'),
      page('ARCHITECTURE.md', 'Architecture'),
      page('CONTRIBUTING.md', 'Contributing'),
      page('test/bench/RESULTS.md', 'Measures'),
      page('test/bench/PEERS.md', 'Measures of peers'),
    ],
  },
]

/** Where a page of the repository is in the site: `docs/files.md` is `files.html`, other folders stay. */
export const addressOf = (path: string): string =>
  path
    .replace(/^docs\//, '')
    .replace(/\.md$/, '')
    .toLowerCase() + '.html'

export const navPages = (nav: readonly NavGroup[] = NAV): NavPage[] => nav.flatMap(({ pages }) => [...pages])
