/** A model as a worker sees it. Made by configureModel; the worker's tests make their own. */
import type { Runner } from './runner.ts'

/** It can make runners, whatever language the model is written in. */
export interface WorkerModel {
  /** The name of its folder, for log lines. */
  label: string
  /** What it will be called by its settings, before it has loaded and says so. Default: its label. */
  name?: string
  /** The path of its file. It tells two models apart whose folders have the same name. */
  path?: string
  /** Chooses from the worker's slots those that the model runs on. Never empty. Default: all. */
  devices?(slots: readonly string[]): readonly string[]
  /** Makes a runner that is not started yet. Throws when the device does not exist. */
  createRunner(device: string): Runner
}

/** Names a model by its folder's name and its file. */
export type ModelRef = Pick<WorkerModel, 'label' | 'path'>
