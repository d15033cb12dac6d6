/** Where a file is chosen, dropped or pasted. On a phone it opens the camera roll. */
import { useState } from 'preact/hooks'
import { words } from '../../words/words.ts'
import { acceptOf } from '../describe-control.ts'

interface FilePickerProps {
  name: string
  /** Media types, as the schema has them. */
  accept: string
  several?: boolean
  onFiles: (files: File[]) => void
  /** Of the input: id and what is wrong. */
  spoken?: object
}

export function FilePicker({ name, accept, several = false, onFiles, spoken }: FilePickerProps) {
  const [isOver, setOver] = useState(false)
  const take = (files: FileList | null | undefined): void => {
    if (files && files.length > 0) onFiles([...files].slice(0, several ? files.length : 1))
  }
  return (
    <label
      class={isOver ? 'drop over' : 'drop'}
      data-drop={several ? 'several' : 'one'}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        take(event.dataTransfer?.files)
      }}
      onPaste={(event) => {
        const files = event.clipboardData?.files
        if (!files || files.length === 0) return
        event.preventDefault()
        take(files)
      }}
    >
      <input
        {...spoken}
        type="file"
        class="unseen"
        accept={acceptOf(accept)}
        multiple={several}
        aria-label={name}
        onChange={(event) => {
          take(event.currentTarget.files)
          // The same file may be chosen again.
          event.currentTarget.value = ''
        }}
      />
      <span class="drop-do">{several ? words.form.filesChoose : words.form.fileChoose}</span>
      <span class="muted">{several ? words.form.filesHint : words.form.fileHint}</span>
    </label>
  )
}
