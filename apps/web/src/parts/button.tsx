/** Buttons, and links that look like one. Used by every screen. */
import type { ComponentChildren, ComponentProps } from 'preact'
import './button.css'

interface ButtonProps extends Omit<ComponentProps<'button'>, 'size' | 'class'> {
  /** `main`: the one thing to do here. `danger`: cannot be undone. `quiet`: without a frame. Default: a plain one. */
  look?: 'main' | 'danger' | 'quiet' | undefined
  size?: 'small' | undefined
  /** True while what it started goes on: it cannot be pressed again. */
  busy?: boolean | undefined
  class?: string | undefined
  children: ComponentChildren
}

export function Button({ look, size, busy = false, disabled, children, class: given, ...rest }: ButtonProps) {
  const classes = ['button', look, size, given].filter(Boolean).join(' ')
  return (
    <button type="button" {...rest} class={classes} disabled={Boolean(disabled) || busy} aria-busy={busy}>
      {children}
    </button>
  )
}

export function LinkButton({
  look,
  size,
  children,
  href,
}: Pick<ButtonProps, 'look' | 'size' | 'children'> & { href: string }) {
  return (
    <a class={['button', look, size].filter(Boolean).join(' ')} href={href}>
      {children}
    </a>
  )
}
