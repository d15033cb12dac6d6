/** Shows a secret once. It is in the page for as long as this is open, and nowhere afterwards. Shown by webhooks-screen.tsx. */
import { Button } from '../../parts/button.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { words } from '../../words/words.ts'

const text = words.webhooks

export function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Dialog title={text.secretTitle} onClose={onClose}>
      <p>{text.secretHint}</p>
      <p class="row secret">
        <code translate={false}>{secret}</code>
        <CopyButton text={secret} />
      </p>
      <div class="row dialog-foot">
        <Button look="main" onClick={onClose}>
          {text.secretDone}
        </Button>
      </div>
    </Dialog>
  )
}
