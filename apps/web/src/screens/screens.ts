/** Which screen is shown where: one row for each. Read by the shell. */
import type { ComponentType } from 'preact'
import { matchPath } from '../router/place.ts'
import { words } from '../words/words.ts'
import { AboutScreen } from './about/about-screen.tsx'
import { FailuresScreen } from './failures/failures-screen.tsx'
import { JobScreen } from './job/job-screen.tsx'
import { JobsScreen } from './jobs/jobs-screen.tsx'
import { ModelsScreen } from './models/models-screen.tsx'
import { PlaygroundScreen } from './playground/playground-screen.tsx'
import { QueuesScreen } from './queues/queues-screen.tsx'
import type { ScreenProps } from './screen-props.ts'
import { VersionsScreen } from './versions/versions-screen.tsx'
import { DeliveryScreen } from './webhooks/delivery-screen.tsx'
import { WebhooksScreen } from './webhooks/webhooks-screen.tsx'
import { WorkersScreen } from './workers/workers-screen.tsx'

interface Screen {
  path: string
  view: ComponentType<ScreenProps>
  /** Its word in the navigation, for those that stand there. */
  nav?: string
  /** Which of those it belongs to, by its path. Default: itself. */
  under?: string
}

export const SCREENS: readonly Screen[] = [
  { path: '/', view: ModelsScreen, nav: words.shell.models },
  { path: '/jobs', view: JobsScreen, nav: words.shell.jobs },
  { path: '/jobs/:id', view: JobScreen, under: '/jobs' },
  { path: '/failures', view: FailuresScreen, nav: words.shell.failures },
  { path: '/models/:name', view: PlaygroundScreen, under: '/' },
  { path: '/models/:name/versions', view: VersionsScreen, under: '/' },
  { path: '/queues', view: QueuesScreen, nav: words.shell.queues },
  { path: '/workers', view: WorkersScreen, nav: words.shell.workers },
  { path: '/webhooks', view: WebhooksScreen, nav: words.shell.webhooks },
  { path: '/webhooks/deliveries/:id', view: DeliveryScreen, under: '/webhooks' },
  { path: '/about', view: AboutScreen, nav: words.shell.about },
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
