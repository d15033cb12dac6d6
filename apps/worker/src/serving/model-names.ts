/** Two folders hold a model of one name: which of them a job would meet would be chance. */
export class ModelNameTaken extends Error {
  constructor(name: string, label: string, holder: string) {
    super(`the models in "${holder}" and "${label}" are both named "${name}": rename one of them`)
    this.name = 'ModelNameTaken'
  }
}

/** Who claims a name: the label of its folder, and what tells it from another folder of that label. */
interface Claimant {
  label: string
  key: string
}

/** The model names of one worker; the first to claim a name has it. */
export function createModelNames() {
  const holders = new Map<string, Claimant>()
  return {
    /** Throws ModelNameTaken. */
    claim(name: string, claimant: Claimant): void {
      const holder = holders.get(name)
      if (holder !== undefined) throw new ModelNameTaken(name, claimant.label, holder.label)
      holders.set(name, claimant)
    },
    /** Whoever claimed with that key is gone: its name is free. */
    release(key: string): void {
      for (const [name, holder] of holders) if (holder.key === key) holders.delete(name)
    },
  }
}
