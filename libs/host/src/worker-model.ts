/** A model as a worker meets it. Made by configureModel; the worker's tests make their own. */
import type { Runner } from './runner.ts'

/** Whatever it is written in, it can make runners. */
export interface WorkerModel {
  /** Where it comes from, for log lines: the name of its folder. */
  label: string
  /** Its file; tells it from another folder's model of the same label. */
  path?: string
  /** Of the worker's slots, those it runs on; never empty. Default: all. */
  devices?(slots: readonly string[]): readonly string[]
  /** A runner that is not started yet. Throws when the device is not there. */
  createRunner(device: string): Runner
}

/** Names a model: its folder's name and its file. */
export type ModelRef = Pick<WorkerModel, 'label' | 'path'>
