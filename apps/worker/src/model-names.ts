/** Two folders hold a model of one name: which of them a job would meet would be chance. */
export class ModelNameTaken extends Error {
  constructor(name: string, label: string, holder: string) {
    super(`the models in "${holder}" and "${label}" are both named "${name}": rename one of them`)
    this.name = 'ModelNameTaken'
  }
}

/** The model names of one worker; the first to claim a name has it. */
export function createModelNames() {
  const holders = new Map<string, string>()
  return {
    /** Throws ModelNameTaken. */
    claim(name: string, label: string): void {
      const holder = holders.get(name)
      if (holder !== undefined) throw new ModelNameTaken(name, label, holder)
      holders.set(name, label)
    },
  }
}
