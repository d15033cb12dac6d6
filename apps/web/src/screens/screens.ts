/** Which screen is shown where: one row for each. Read by the shell. */
import type { ComponentType } from 'preact'
import { matchPath } from '../router/place.ts'
import { words } from '../words/words.ts'
import { FailuresScreen } from './failures/failures-screen.tsx'
import { JobScreen } from './job/job-screen.tsx'
import { JobsScreen } from './jobs/jobs-screen.tsx'
import { ModelsScreen } from './models/models-screen.tsx'
import type { ScreenProps } from './screen-props.ts'

interface Screen {
  path: string
  /** What shows it, where it comes with the page. */
  view?: ComponentType<ScreenProps>
  /** Loads what shows it, where most who come do not look. */
  load?: () => Promise<ComponentType<ScreenProps>>
  /** Its word in the navigation, for those that stand there. */
  nav?: string
  /** Which of those it belongs to, by its path. Default: itself. */
  under?: string
}

const later = () => import('./later-screens.ts')

export const SCREENS: readonly Screen[] = [
  { path: '/', view: ModelsScreen, nav: words.shell.models },
  { path: '/models', view: ModelsScreen, under: '/' },
  { path: '/jobs', view: JobsScreen, nav: words.shell.jobs },
  { path: '/jobs/:id', view: JobScreen, under: '/jobs' },
  { path: '/failures', view: FailuresScreen, nav: words.shell.failures },
  {
    path: '/models/:name',
    load: async () => (await later()).PlaygroundScreen,
    under: '/',
  },
  { path: '/models/:name/versions', load: async () => (await later()).VersionsScreen, under: '/' },
  { path: '/queues', load: async () => (await later()).QueuesScreen, nav: words.shell.queues },
  { path: '/workers', load: async () => (await later()).WorkersScreen, nav: words.shell.workers },
  { path: '/webhooks', load: async () => (await later()).WebhooksScreen, nav: words.shell.webhooks },
  { path: '/webhooks/deliveries/:id', load: async () => (await later()).DeliveryScreen, under: '/webhooks' },
  { path: '/about', load: async () => (await later()).AboutScreen, nav: words.shell.about },
]

export interface ShownScreen {
  screen: Screen
  params: Record<string, string>
}

/** Undefined when there is none. */
export function screenAt(path: string): ShownScreen | undefined {
  for (const screen of SCREENS) {
    const params = matchPath(screen.path, path)
    if (params) return { screen, params }
  }
  return undefined
}
