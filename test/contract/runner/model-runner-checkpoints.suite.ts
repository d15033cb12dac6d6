/**
 * The part of the suite of every runner that is about checkpoints: what a run keeps, what it goes on from, and how it hands over when
 * its worker stops. Called by model-runner.suite.ts, in whatever language the models are.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { notKept } from '@millrace/contracts'
import { describe, expect, it } from 'vitest'
import type { RunnerProcess } from '../../../libs/host/src/runners/runner-process.ts'
import { until } from '../../support/until.ts'
import { newRunFolder, startRun } from './run-in-folder.ts'

const training = { kind: 'training' } as const

/** `start` gives a runner that is ready and is stopped after the test. */
export function modelRunnerCheckpoints(start: (model: 'trainer') => Promise<RunnerProcess>): void {
  describe('whose model makes checkpoints', () => {
    it('hands on each with its files, and waits until it is kept', async () => {
      const run = startRun(await start('trainer'), { epochs: 3 }, training)
      expect(await run.outcome).toMatchObject({ kind: 'done', metrics: { epochs: 3 } })
      expect(run.checkpoints).toEqual(
        [1, 2, 3].map((epoch) => ({ state: { epoch }, files: { 'weights.bin': `${epoch} epochs` } })),
      )
    })

    it('goes on from one, with its files as local paths', async () => {
      const runner = await start('trainer')
      for (const isLarge of [false, true]) {
        const workDir = newRunFolder()
        writeFileSync(join(workDir, 'w'), '2 epochs')
        writeFileSync(join(workDir, 'state.json'), '{"epoch":2}')
        const state = isLarge ? { statePath: 'state.json' } : { state: { epoch: 2 } }
        const resumed = { ...state, files: [{ name: 'weights.bin', path: 'w' }] }
        const run = startRun(runner, { epochs: 3 }, { ...training, workDir, resumed })
        expect(await run.outcome).toMatchObject({ kind: 'done', metrics: { epochs: 1 } })
        expect(run.logs).toEqual([{ level: 'info', message: 'goes on from 2 epochs' }])
        expect(run.checkpoints.map(({ state: kept }) => kept)).toEqual([{ epoch: 3 }])
      }
    })

    it('goes on without one that is not kept, and says so unless there were too many', async () => {
      const runner = await start('trainer')
      const codes = ['unavailable', 'too_often', 'too_large'] as const
      let n = 0
      const onCheckpoint = async () => notKept(codes[n++] ?? 'off')
      const run = startRun(runner, { epochs: 3 }, { ...training, onCheckpoint })
      expect(await run.outcome).toMatchObject({ kind: 'done' })
      expect(n).toBe(3)
      expect(run.logs.map(({ message }) => message)).toEqual(
        (['unavailable', 'too_large'] as const).map((code) => `a checkpoint was not kept: ${notKept(code).message}`),
      )
    })

    it('tells a run that its worker is about to stop', async () => {
      const listeners = new Set<() => void>()
      const leaving = {
        isOn: false,
        onChange(listener: () => void) {
          listeners.add(listener)
          return () => void listeners.delete(listener)
        },
      }
      const runner = await start('trainer')
      const onCheckpoint = async () => {
        leaving.isOn = true
        for (const tell of listeners) tell()
        return { kept: true } as const
      }
      const begun = startRun(runner, { epochs: 3 }, { ...training, leaving, onCheckpoint })
      expect(await begun.outcome).toMatchObject({ kind: 'done' })
      const late = startRun(runner, { epochs: 3 }, { ...training, leaving })
      expect(await late.outcome).toMatchObject({ kind: 'done' })
      for (const { logs } of [begun, late])
        expect(logs).toEqual([{ level: 'info', message: 'its worker is about to stop' }])
    })

    it('lets a run that is stopped keep what is on its way, and then ends it', async () => {
      const runner = await start('trainer')
      const { pid } = runner
      let keep: (() => void) | undefined
      const run = startRun(
        runner,
        { epochs: 100 },
        { ...training, onCheckpoint: () => new Promise((resolve) => (keep = () => resolve({ kept: true }))) },
      )
      await until('a checkpoint is on its way', () => keep !== undefined)
      run.cancel()
      keep?.()
      expect(await run.outcome).toMatchObject({ kind: 'canceled', killed: false })
      expect(run.progress).toHaveLength(1)
      expect(runner.pid).toBe(pid)
    })
  })
}
