/** The Python that test models run on: the virtual environment that scripts/setup.mjs makes from requirements.txt. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeEach } from 'vitest'

const made = fileURLToPath(new URL('./.venv/.millrace-setup', import.meta.url))

/** Set it to try another one, such as one that has the real packages of the conventions. */
const given = process.env.MILLRACE_TEST_PYTHON

/** Path of the interpreter. Not there when the environment could not be made; see `needsTestPython`. */
export const testPython = given ?? fileURLToPath(new URL('./.venv/bin/python', import.meta.url))

export const hasTestPython = (given !== undefined || existsSync(made)) && existsSync(testPython)
export const NO_TEST_PYTHON = 'no test/python/.venv: run `node scripts/setup.mjs --models`'

/** Call it in a `describe`: without the environment its tests are skipped, with the reason beside each. */
export function needsTestPython(): void {
  beforeEach(({ skip }) => skip(!hasTestPython, NO_TEST_PYTHON))
}
