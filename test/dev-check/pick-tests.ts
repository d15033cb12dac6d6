/** Picks, of the tests that prove a change, those that a person can wait for. Called by main.ts. */

export interface Choice {
  run: string[]
  /** Too slow to wait for, however near. */
  slow: string[]
  /** Those that found no room any more. */
  far: string[]
}

/** A test that takes longer is for the whole suite. Seconds. */
const SLOW_S = 6
/** What starting the process of a file takes, beside its tests. Seconds. */
const START_S = 0.8

/** From the nearest on, until the seconds are used up. `secondsOf` tells how long a file takes. */
export function pickTests(nearest: readonly string[], seconds: number, secondsOf: (path: string) => number): Choice {
  const choice: Choice = { run: [], slow: [], far: [] }
  let left = seconds
  for (const path of nearest) {
    const cost = secondsOf(path) + START_S
    if (secondsOf(path) > SLOW_S) choice.slow.push(path)
    else if (cost > left) choice.far.push(path)
    else {
      choice.run.push(path)
      left -= cost
    }
  }
  return choice
}
