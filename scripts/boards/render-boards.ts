// The boards of Grafana as files, by their paths. Called by render-files.ts; test/boards asks a Prometheus each of their queries.
import { type Board, renderBoard } from './board.ts'
import { MODEL_BOARD } from './model-board.ts'
import { OVERVIEW_BOARD } from './overview-board.ts'
import { WEBHOOKS_BOARD } from './webhooks-board.ts'
import { WORKERS_BOARD } from './workers-board.ts'

export const BOARDS: readonly Board[] = [OVERVIEW_BOARD, MODEL_BOARD, WORKERS_BOARD, WEBHOOKS_BOARD]

export const renderBoards = (): Record<string, string> =>
  Object.fromEntries(BOARDS.map((board) => [`deploy/grafana/${board.name}.json`, renderBoard(board, BOARDS)]))
