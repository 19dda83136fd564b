import type { JsMsg } from '@nats-io/jetstream'
import type { RawChunk } from '@engage-sync/contract'
import { MessageChunk } from '../messages/index.ts'
import { Gaps } from './gaps.ts'
import { storedNatsPosition } from './position.ts'
import type { NatsPlace } from './position.ts'
import { passed } from './start.ts'
import type { Start } from './start.ts'

/** A chunk waits no longer for more, milliseconds. */
const CHUNK_MS = 25

/** Gathers messages, until there are no more for the moment, or enough. */
export class MessageChunks {
  readonly gaps: Gaps
  readonly #name: string
  readonly #of: NatsPlace
  #chunk: MessageChunk | null = null
  #began = 0
  #last: JsMsg | null = null

  constructor({ name, start }: { readonly name: string; readonly start: Start }) {
    this.#name = name
    this.#of = start.place
    this.gaps = new Gaps(start.consumer.opt_start_seq ?? null)
  }

  get isDue(): boolean {
    if (this.#chunk === null) return false
    const isNewest = this.#last?.info.pending === 0
    return isNewest || this.#chunk.isFull || performance.now() - this.#began >= CHUNK_MS
  }

  add(message: JsMsg): void {
    if (this.#chunk === null) this.#began = performance.now()
    this.#chunk ??= new MessageChunk(`${this.#name} from message ${message.seq}`)
    this.#chunk.add(message.data)
    this.#last = message
    this.gaps.read(message.seq)
  }

  /** What was gathered, if anything was. @param removed - messages that are missing among them */
  *take(removed: number): Iterable<RawChunk> {
    if (this.#chunk === null || this.#last === null) return
    const { seq: sequence, time } = this.#last
    const chunk = this.#chunk
    this.#chunk = null
    if (removed > 0) chunk.reject('SOURCE_GONE', passed(removed))
    yield chunk.take(storedNatsPosition({ sequence, time: time.getTime(), of: this.#of }))
  }
}
