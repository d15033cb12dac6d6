/** The entry of this package for scripts and tests that make pages from its tables. Commands start in main.ts. */
export { renderFaults } from './command/render-faults.ts'
