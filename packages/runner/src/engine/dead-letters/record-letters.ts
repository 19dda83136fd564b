import { recordBytes } from '@engage-sync/core'
import type { DeadLetter, Json, RawChunk, Rejection } from '@engage-sync/core'
import { encodeRejected } from '../../state/values/letter-payload.ts'

/** At most this many records a run are kept as dead letters; all are counted. */
const MAX_RECORD_LETTERS = 10_000
/** A dead letter keeps at most this much of a record, bytes. */
const MAX_PAYLOAD_BYTES = 65_536

/** What the letters of a run have in common. */
export interface DeadLetterContext {
  readonly run: number
  readonly nowMs: number
  /** Days until they expire. */
  readonly days: number
}

/** The members every dead letter has. */
export function deadLetterFrame({
  run,
  nowMs,
  days,
}: DeadLetterContext): Pick<DeadLetter, 'run' | 'at' | 'expiresAt'> {
  return {
    run,
    at: new Date(nowMs).toISOString(),
    expiresAt: new Date(nowMs + days * 86_400_000).toISOString(),
  }
}

/** Turns rejected records and values into dead letters. */
export class RecordDeadLetters {
  /** The chunk being folded. */
  chunk: RawChunk | null = null
  /** Set while records are folded again that an earlier run told of. */
  isSilent = false
  readonly #context: DeadLetterContext
  readonly #source: string
  readonly #add: (letter: DeadLetter) => void
  readonly #onLeftOut: ((payload: Json) => void) | null
  readonly #isKept: boolean
  #count = 0

  constructor(parts: {
    readonly context: DeadLetterContext
    /** Whose records are read. */
    readonly source: string
    /** Whether rejected records become letters: not when they already did, in an earlier run. */
    readonly isKept: boolean
    readonly add: (letter: DeadLetter) => void
    /** Told what a letter would have kept, where there are too many letters. */
    readonly onLeftOut: ((payload: Json) => void) | null
  }) {
    this.#context = parts.context
    this.#source = parts.source
    this.#isKept = parts.isKept
    this.#add = parts.add
    this.#onLeftOut = parts.onLeftOut
  }

  recordRejected(record: number, rejection: Rejection): void {
    if (!this.#isKept) return
    const payload = encodeRejected({
      text: this.#shortTextOf(record),
      mapping: '',
      source: this.#source,
    })
    this.#addLetter(record, rejection, { sync: '*', stage: 'source', place: '', payload })
  }

  valueRejected(event: {
    record: number
    mapping: string
    sync: string
    rejection: Rejection
  }): void {
    const payload = encodeRejected({
      text: this.#shortTextOf(event.record),
      mapping: event.mapping,
      source: null,
    })
    this.#addLetter(event.record, event.rejection, {
      sync: event.sync,
      stage: 'mapping',
      place: `, ${event.mapping}`,
      payload,
    })
  }

  #addLetter(
    record: number,
    { code, message }: Rejection,
    what: {
      readonly sync: string
      readonly stage: DeadLetter['stage']
      readonly place: string
      readonly payload: Json
    },
  ): void {
    if (this.isSilent) return
    if (this.#count++ >= MAX_RECORD_LETTERS) {
      this.#onLeftOut?.(what.payload)
      return
    }
    const { name, firstRecord } = this.chunk!.origin
    const place = `${name}, record ${firstRecord + record}${what.place}`
    this.#add({ ...deadLetterFrame(this.#context), ...what, code, message, place, subject: null })
  }

  /** A record of the chunk as text, whole. */
  textOf(record: number): string {
    return new TextDecoder().decode(recordBytes(this.chunk!, record))
  }

  #shortTextOf(record: number): string {
    return new TextDecoder().decode(recordBytes(this.chunk!, record).subarray(0, MAX_PAYLOAD_BYTES))
  }
}
