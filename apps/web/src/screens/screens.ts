/** Which screen is shown where: one row for each. Read by the shell. */
import type { ComponentType } from 'preact'
import { matchPath } from '../router/place.ts'
import { words } from '../words/words.ts'
import { ModelsScreen } from './models/models-screen.tsx'

export interface ScreenProps {
  /** Of the path, such as `name` in `/models/:name`. */
  params: Record<string, string>
  query: URLSearchParams
}

interface Screen {
  path: string
  view: ComponentType<ScreenProps>
  /** Its word in the navigation, for those that stand there. */
  nav?: string
  /** Which of those it belongs to, by its path. Default: itself. */
  under?: string
}

export const SCREENS: readonly Screen[] = [{ path: '/', view: ModelsScreen, nav: words.shell.models }]

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
