/** Starts the page in a browser. Its script: everything else is reached from here. */
import { render } from 'preact'
import './style/tokens.css'
import './style/base.css'
import './parts/input.css'
import './parts/chip.css'
import { startClock } from './data/clock.ts'
import { followAddress } from './router/place.ts'
import { Shell } from './shell.tsx'
import { loadTheme } from './style/theme.ts'

const page = document.getElementById('page')
if (page) {
  followAddress()
  startClock()
  loadTheme()
  render(<Shell />, page)
}
