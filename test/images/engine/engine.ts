/** A container engine that answers, wherever it came from. */
import type { Docker } from './docker.ts'

export interface Engine {
  docker: Docker
  /** For the table. */
  name: string
  /** Below it lie the programs of an own engine, `usr/sbin/debootstrap` among them. */
  programs?: string
  /** Ends it if it was started here, and undoes what it did to the machine. */
  end(): Promise<void>
}
