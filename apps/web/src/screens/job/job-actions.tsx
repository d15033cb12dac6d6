/** What can be done with one job: stop it, run it again, take it away, or try its input in the playground. Shown by the screen of a job. */
import { useState } from 'preact/hooks'
import type { Job } from '@millrace/contracts'
import { doOne } from '../../bulk/do-each.ts'
import { call } from '../../data/call.ts'
import { Confirm } from '../../parts/asking/confirm.tsx'
import { type Action, useAction } from '../../parts/asking/use-action.ts'
import { Button, LinkButton } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { FaultNotice } from '../../parts/notices.tsx'
import { goTo, hrefOf } from '../../router/place.ts'
import { words } from '../../words/words.ts'
import { RerunForm } from './rerun-form.tsx'

type Step = 'cancel' | 'purge' | 'rerun'

interface ActionsProps {
  job: Job
  onDone(): void
}

export function JobActions({ job, onDone }: ActionsProps) {
  const [step, setStep] = useState<Step>()
  const doing = useAction()
  const isOver = job.finished_at !== null
  const close = (): void => {
    setStep(undefined)
    doing.forget()
  }
  const retry = (): void =>
    doing.run(async () => {
      await doOne('retry', job.id)
      onDone()
    })
  return (
    <>
      <LinkButton
        href={hrefOf(['models', job.model], { job: job.id, ...(job.kind === 'training' && { kind: job.kind }) })}
      >
        {words.job.toPlayground}
      </LinkButton>
      {job.status === 'failed' && (
        <Button look="main" busy={doing.isBusy && step === undefined} onClick={retry}>
          {words.job.retry}
        </Button>
      )}
      {isOver && <Button onClick={() => setStep('rerun')}>{words.job.rerun}</Button>}
      {!isOver && !job.cancel_requested && <Button onClick={() => setStep('cancel')}>{words.job.cancel}</Button>}
      {job.status !== 'running' && (
        <Button look="danger" onClick={() => setStep('purge')}>
          {words.job.purge}
        </Button>
      )}
      {doing.fault && step === undefined && <FaultNotice fault={doing.fault} />}
      {step === 'rerun' && <RerunDialog job={job} doing={doing} onClose={close} />}
      {(step === 'cancel' || step === 'purge') && (
        <Confirm
          title={words.job[step]}
          action={words.job[step]}
          onConfirm={async () => {
            await doOne(step, job.id)
            if (step === 'cancel') onDone()
            else goTo(hrefOf(['jobs']))
          }}
          onClose={close}
        >
          {step === 'cancel' ? words.job.cancelHint : words.job.purgeHint}
        </Confirm>
      )}
    </>
  )
}

function RerunDialog({ job, doing, onClose }: { job: Job; doing: Action; onClose(): void }) {
  const run = (version: string): void =>
    doing.run(async () => {
      const made = await call<Job>(`v1/jobs/${job.id}/retry`, { method: 'POST', body: { version } })
      goTo(hrefOf(['jobs', made.id]))
    })
  return (
    <Dialog title={words.job.rerun} onClose={onClose}>
      <RerunForm job={job} isBusy={doing.isBusy} onRun={run} onBack={onClose} />
      {doing.fault && <FaultNotice fault={doing.fault} />}
    </Dialog>
  )
}
