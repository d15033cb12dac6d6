// Makes tables that show what the folders of a room are for, and which may import which. Called by render-files.ts, for
// ARCHITECTURE.md.
import { type Drawing, DRAWINGS, LEADS } from './drawings.ts'

/** One table for each room with a drawing. */
export const renderFolders = (): string =>
  Object.entries(DRAWINGS)
    .map(([room, drawing]) => [`### ${room}`, '', LEADS[room], '', ...renderRoom(drawing)].join('\n'))
    .join('\n\n')

const renderRoom = (drawing: Drawing): string[] => [
  '| folder | what it is | may import |',
  '| --- | --- | --- |',
  ...Object.entries(drawing).map(
    ([place, { is, imports }]) =>
      `| ${place === '.' ? 'beside them' : `\`${place}\``} | ${is} | ${renderImports(imports)} |`,
  ),
]

function renderImports(imports: readonly string[]): string {
  if (imports.length === 0) return '–'
  if (imports.includes('*')) return 'all'
  return imports.map((place) => (place === '.' ? 'files beside it' : `\`${place}\``)).join(', ')
}
