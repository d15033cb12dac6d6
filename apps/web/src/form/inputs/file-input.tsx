/** A file: one of this machine, which is sent at once; or an address, or one that the server has. */
import { Button } from '../../parts/button.tsx'
import { sizeText } from '../../parts/size-text.ts'
import { words } from '../../words/words.ts'
import type { FileControl } from '../controls/control.ts'
import { type GivenFile, givenAddress } from '../draft/draft.ts'
import { FileUpload } from '../uploads/file-upload.ts'
import type { FieldProps } from './field-props.ts'
import { FilePicker } from './file-picker.tsx'
import { spoken, useFault } from './form-context.ts'

export function FileInput({ control, name, path, draft, onEdit }: FieldProps<FileControl>) {
  const about = spoken(path, useFault(path))
  const file = draft?.kind === 'file' ? draft.file : undefined
  const give = (next: GivenFile | undefined): void => {
    if (file instanceof FileUpload) file.drop()
    onEdit(() => next && { kind: 'file', file: next })
  }
  const onFiles = ([first]: File[]): void => {
    if (first) give(new FileUpload(first))
  }
  if (file && file.name !== undefined)
    return <GivenFileCard file={file} name={name} id={about.id} onRemove={() => give(undefined)} onFiles={onFiles} />
  return (
    <div class="file">
      <FilePicker name={name} accept={control.accept} onFiles={onFiles} spoken={about} />
      <input
        class="input small"
        type="text"
        inputMode="url"
        autocomplete="off"
        aria-label={words.form.fileAddressOf(name)}
        placeholder={words.form.fileAddress}
        value={file?.ref ?? ''}
        onInput={(event) => {
          const text = event.currentTarget.value.trim()
          give(text === '' ? undefined : givenAddress(text))
        }}
      />
    </div>
  )
}

interface GivenFileCardProps {
  file: GivenFile
  name: string
  id: string
  onRemove: () => void
  onFiles: (files: File[]) => void
}

function GivenFileCard({ file, name, id, onRemove, onFiles }: GivenFileCardProps) {
  const upload = file instanceof FileUpload ? file : undefined
  const type = upload?.file.type ?? file.kept?.type ?? /^data:([\w/+.-]+)/.exec(file.ref ?? '')?.[1] ?? ''
  const size = upload?.file.size ?? file.kept?.size
  return (
    <div class="given-file" onPaste={(event) => onFiles([...(event.clipboardData?.files ?? [])])}>
      {type.startsWith('image/') && <img src={upload?.preview ?? file.kept?.url ?? file.ref} alt="" />}
      <div>
        <p class="given-name">{file.name}</p>
        {size !== undefined && <p class="small muted">{sizeText(size)}</p>}
        {upload && <Sending upload={upload} />}
      </div>
      <Button id={id} size="small" look="quiet" aria-label={words.form.removeItem(name)} onClick={onRemove}>
        {words.form.remove}
      </Button>
    </div>
  )
}

function Sending({ upload }: { upload: FileUpload }) {
  const state = upload.state.value
  if (state.kind === 'kept') return null
  if (state.kind === 'sending') {
    const percent = Math.round(state.fraction * 100)
    return (
      <p class="small">
        <progress value={state.fraction} max={1} aria-label={words.form.fileSending(percent)} />{' '}
        {words.form.fileSending(percent)}
      </p>
    )
  }
  return (
    <p class="field-fault">
      {state.error.message}{' '}
      <Button size="small" onClick={() => upload.start()}>
        {words.form.fileAgain}
      </Button>
    </p>
  )
}
