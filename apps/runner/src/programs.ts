/**
 * Where the programs lie that a worker starts as child processes. Nothing of them is imported by who starts them: the
 * two meet in the protocol (`runner-protocol.ts` in contracts). Called by what starts runners.
 */
import { fileURLToPath } from 'node:url'

/** The folder of the Python programs: `run_model.py`, `missing_imports.py`. Ends with a slash. */
export const PYTHON_PROGRAMS = fileURLToPath(new URL('../python/', import.meta.url))
