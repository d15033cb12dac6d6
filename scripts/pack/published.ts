/** The packages that are published, each made of a room of the clone. All have the version of `apps/cli`. Used by pack-packages.ts and the tests. */

export interface PublishedPackage {
  name: string
  /** The folder that it is made of. Its README goes into the package. */
  room: string
  description: string
  /** What it may weigh when it is downloaded. Kilobytes. */
  budgetKb: number
  /** The same, unpacked. */
  unpackedKb: number
}

export const PROGRAM: PublishedPackage = {
  name: 'millrace',
  room: 'apps/cli',
  description: 'Turns any AI model into a durable asynchronous API: the command, with API, worker and runners',
  budgetKb: 900,
  unpackedKb: 3000,
}

export const LIBRARIES: readonly PublishedPackage[] = [
  {
    name: '@millrace/model',
    room: 'libs/model',
    description: 'What the author of a TypeScript model imports: defineModel, file, runModel',
    budgetKb: 30,
    unpackedKb: 110,
  },
  {
    name: '@millrace/client',
    room: 'libs/client',
    description: 'The typed client of a Millrace API, for Node and browsers',
    budgetKb: 50,
    unpackedKb: 220,
  },
  {
    name: '@millrace/contracts',
    room: 'libs/contracts',
    description: 'The words of a Millrace API and their shapes, as zod schemas and types',
    budgetKb: 90,
    unpackedKb: 420,
  },
]

export const PUBLISHED: readonly PublishedPackage[] = [PROGRAM, ...LIBRARIES]
