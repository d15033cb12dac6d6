/** The front door of the CLI, for the pages that are made from its tables: scripts and tests of this repository. Commands start in main.ts. */
export { renderFaults } from './command/render-faults.ts'
