/** One word for one thing: names words that another word has replaced. Called by laws.test.ts and planted-shapes.test.ts. */
import { isTest, type Law, modulesOf } from '../reading/house.ts'

/** A word that is not used any more, and the word that says it. */
const REPLACED: readonly { word: RegExp; use: string }[] = [
  // What is erased is a customer; one job is purged.
  {
    word: /(?<![a-z])eras(?:e|es|ed|ing)(?:[ _-](?:a|an|the|one|this|that))?[ _-]?job(?![a-z])|(?<![a-z])job[ _-](?:was|is)[ _-]erased/i,
    use: 'purge',
  },
  { word: /house_?faults?\b|\bblames? the house\b|\bfaults? of the house\b/i, use: 'platform' },
]

/** Names that clients and stored data have already, so that they stay: as they stand in the code, and where. */
const KEPT: readonly { name: RegExp; why: string; paths: readonly string[] }[] = [
  { name: /'house_faults'/g, why: 'a field in Redis', paths: ['libs/queue/src/record/record-table.ts'] },
]

/** The code and comments of libs and apps use the words of the glossary. */
export const wordLaw: Law = (house) =>
  modulesOf(house)
    .filter(({ path }) => /^(apps|libs)\//.test(path) && !isTest(path))
    .flatMap(({ path, source }) => {
      const kept = KEPT.filter(({ paths }) => paths.includes(path))
      const text = kept.reduce((left, { name }) => left.replace(name, ''), source)
      return REPLACED.flatMap(({ word, use }) => {
        const found = word.exec(text)?.[0]
        return found === undefined ? [] : [`${path} says "${found}"; the word is ${use}`]
      })
    })
