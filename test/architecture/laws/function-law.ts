/** A function fits a head. Called by laws.test.ts and planted-violations.test.ts. */
import { type Law, modulesOf } from '../reading/house.ts'
import { readModule } from '../reading/read-module.ts'

const LINES = 60

/** No function is long, closures and methods included; in a test, the sentences that `describe` and `it` get do not count. */
export const functionLaw: Law = (house) =>
  modulesOf(house).flatMap((file) =>
    readModule(file)
      .functions.filter(({ lines }) => lines > LINES)
      .map(
        ({ name, line, lines }) =>
          `${file.path} has ${name} at line ${line}, ${lines} lines long, more than ${LINES}; give its parts names`,
      ),
  )
