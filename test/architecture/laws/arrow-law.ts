/**
 * Which folder of a room may know which. A folder that is not drawn, an arrow that is not, and an arrow that nothing uses are
 * violations. The drawings are in scripts/drawings.ts. Called by laws.test.ts and planted-arrows.test.ts.
 */
import { type Drawing, DRAWINGS, isFloor } from '../../../scripts/drawings.ts'
import { isTest, type House, type Law } from '../reading/house.ts'
import { importGraph } from '../reading/import-graph.ts'

/** Files of a room import what is drawn, and no more. */
export const arrowLaw: Law = (house) =>
  Object.entries(DRAWINGS).flatMap(([room, drawing]) => {
    const used = arrowsOf(house, room)
    const wrong = used.filter(({ from, to }) => drawing[from] && drawing[to] && !isDrawn(drawing, from, to))
    return [
      ...wrong.map(
        ({ from, to, path }) =>
          `${path} imports from ${room}/${to}, but ${from} may import only ${drawing[from]!.imports.join(', ') || 'itself'}`,
      ),
      ...(placesOf(house, room).length === 0 ? [] : [...wrongPlaces(house, room), ...unusedArrows(room, used)]),
    ]
  })

const isDrawn = (drawing: Drawing, from: string, to: string): boolean =>
  drawing[from]!.imports.some((place) => place === to || place === '*')

/** Folders that are not drawn, and drawn places that are not there. */
function wrongPlaces(house: House, room: string): string[] {
  const drawing = DRAWINGS[room]!
  const there = placesOf(house, room)
  return [
    ...there
      .filter((place) => !drawing[place])
      .map((place) => `${room}/${place} is not drawn; draw what it may import`),
    ...Object.keys(drawing)
      .filter((place) => place !== '.' && !there.includes(place))
      .map((place) => `${room} has no ${place}; rub that place out`),
  ]
}

const unusedArrows = (room: string, used: Arrow[]): string[] =>
  Object.entries(DRAWINGS[room]!).flatMap(([from, { imports }]) =>
    imports
      .filter((to) => to !== '*' && !isFloor(room, to))
      .filter((to) => !used.some((arrow) => arrow.from === from && arrow.to === to))
      .map((to) => `${room} has no import from ${from} to ${to}; rub that arrow out`),
  )

interface Arrow {
  from: string
  to: string
  path: string
}

/** Folders of a room and files that are drawn by name; `.` for all other files beside them. */
export const placesOf = (house: House, room: string): string[] => [
  ...new Set([...importGraph(house).keys()].filter((path) => isOf(room, path)).map((path) => placeIn(room, path))),
]

/** Imports between places of a room, those of tests aside. */
export const arrowsOf = (house: House, room: string): Arrow[] =>
  [...importGraph(house)]
    .filter(([path]) => isOf(room, path))
    .flatMap(([path, targets]) =>
      [...targets]
        .filter((target) => target.startsWith(`${room}/`))
        .map((target) => ({ from: placeIn(room, path), to: placeIn(room, target), path }))
        .filter(({ from, to }) => from !== to),
    )

const isOf = (room: string, path: string): boolean => path.startsWith(`${room}/`) && !isTest(path)

function placeIn(room: string, path: string): string {
  const [place, ...below] = path.slice(room.length + 1).split('/')
  return below.length > 0 || DRAWINGS[room]?.[place!] ? place! : '.'
}
