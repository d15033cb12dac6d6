/**
 * Which folder of a room may know which. A folder that is not drawn here, an arrow that is not, and an arrow that nothing
 * uses are violations. Called by laws.test.ts and planted-violations.test.ts.
 */
import { isTest, type House, type Law } from '../reading/house.ts'
import { importGraph } from '../reading/import-graph.ts'

/** From each folder to those that its files may import. `.` are the files beside the folders, which may import all. */
export type Drawing = Readonly<Record<string, readonly string[]>>

/** What every feature of the API may lean on. */
const FLOOR = ['http', 'input', 'views']

/** The rooms whose folders have an order to keep. In all others it is enough that there is no circle. */
export const DRAWINGS: Readonly<Record<string, Drawing>> = {
  'apps/api/src': {
    '.': ['*'],
    http: [],
    views: ['http'],
    input: ['http', 'views'],
    // The model that a submit names, the address that a job names, and its answer: the job, its end or its stream.
    submit: [...FLOOR, 'models', 'webhooks', 'jobs', 'events'],
    jobs: FLOOR,
    // Which job a request means.
    events: [...FLOOR, 'jobs'],
    files: [...FLOOR, 'jobs'],
    models: FLOOR,
    webhooks: FLOOR,
    service: FLOOR,
  },
}

/** Arrows that need no use: what any feature may lean on. */
const isFloor = (room: string, to: string): boolean => room === 'apps/api/src' && FLOOR.includes(to)

/** Files of a room import what is drawn, and no more. */
export const arrowLaw: Law = (house) =>
  Object.entries(DRAWINGS).flatMap(([room, drawing]) => {
    const used = arrowsOf(house, room)
    const drawn = (from: string, to: string) =>
      drawing[from]?.some((folder) => folder === to || (folder === '*' && to !== '.'))
    return [
      ...used
        .filter(({ from, to }) => !drawn(from, to))
        .map(({ from, to, path }) =>
          drawing[from] === undefined
            ? `${path} lies in ${room}/${from}, which is not drawn; draw what it may import`
            : `${path} imports from ${room}/${to}, but ${from} may import only ${drawing[from].join(', ') || 'itself'}`,
        ),
      ...(used.length === 0 ? [] : unusedArrows(room, drawing, used)),
    ]
  })

function unusedArrows(room: string, drawing: Drawing, used: Arrow[]): string[] {
  return Object.entries(drawing).flatMap(([from, targets]) =>
    targets
      .filter((to) => to !== '*' && !isFloor(room, to))
      .filter((to) => !used.some((arrow) => arrow.from === from && arrow.to === to))
      .map((to) => `${room} has no import from ${from} to ${to}; rub that arrow out`),
  )
}

interface Arrow {
  from: string
  to: string
  path: string
}

/** Imports between folders of a room, those of tests aside. */
export function arrowsOf(house: House, room: string): Arrow[] {
  const folderIn = (path: string): string => /^([^/]+)\//.exec(path.slice(room.length + 1))?.[1] ?? '.'
  return [...importGraph(house)]
    .filter(([path]) => path.startsWith(`${room}/`) && !isTest(path))
    .flatMap(([path, targets]) =>
      [...targets]
        .filter((target) => target.startsWith(`${room}/`) && folderIn(target) !== folderIn(path))
        .map((target) => ({ from: folderIn(path), to: folderIn(target), path })),
    )
}
