/** Whether the page is light or dark: as the system says, unless somebody has chosen. Called by main.tsx and by the shell. */
import { signal } from '@preact/signals'

export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEY = 'millrace-theme'
export const theme = signal<Theme>('auto')

/** Takes what was chosen before. */
export function loadTheme(): void {
  setTheme(THEMES.find((one) => one === stored()) ?? 'auto')
}

export function setTheme(chosen: Theme): void {
  theme.value = chosen
  if (chosen === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
  try {
    localStorage.setItem(KEY, chosen)
  } catch {
    // Some browsers are told to keep nothing.
  }
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}
