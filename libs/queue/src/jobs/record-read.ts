/**
 * The command that reads a record: HMGET of its key and the names of all fields. These are the same each time, so they are written
 * out once; to write thirty names out for each read costs more than to read what they name. Sent by RecordReader.
 */
import { Command } from 'ioredis'
import { RECORD_FIELDS } from '../record/record-fields.ts'

const written = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`

const HEAD = `*${2 + RECORD_FIELDS.length}\r\n${written('hmget')}`
const NAMES = RECORD_FIELDS.map(written).join('')

export class RecordRead extends Command {
  readonly #key: string

  constructor(key: string) {
    super('hmget', [key], { replyEncoding: 'utf8' })
    this.#key = key
  }

  /** As it goes over the wire. */
  override toWritable(): string {
    return `${HEAD}${written(this.#key)}${NAMES}`
  }
}
