/** Which screen is shown where: one row for each. Read by the shell. */
import type { ComponentType } from 'preact'
import { matchPath } from '../router/place.ts'
import { words } from '../words/words.ts'
import { FailuresScreen } from './failures/failures-screen.tsx'
import { JobScreen } from './job/job-screen.tsx'
import { JobsScreen } from './jobs/jobs-screen.tsx'
import { ModelsScreen } from './models/models-screen.tsx'
import { PlaygroundScreen } from './playground/playground-screen.tsx'
import type { ScreenProps } from './screen-props.ts'

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
