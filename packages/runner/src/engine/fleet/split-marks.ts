import { itemAt } from '@engage-sync/core'
import type { Mark } from '@engage-sync/core'
import { decodeIntent, encodeIntent } from '../../state/values/mark-intent.ts'

/** Between the id of a request and the partition, in the id of a mark. */
const OF = '/'

/**
 * Marks of a request and one partition each, so that whoever owns a partition later decides them
 * alone; and those of a request as one, as the engine knows them.
 */
export class SplitMarks {
  /** By id of the request: the ids of its marks that are open. */
  readonly #parts = new Map<string, readonly string[]>()

  /** What is stored of a mark. Its events keep their order. */
  split(mark: Mark): readonly Mark[] {
    const { sentAt, events } = decodeIntent(mark.intent)
    const partitions = [...new Set(events.map(({ partition }) => partition))]
    const marks = partitions.map((partition) => ({
      id: `${mark.id}${OF}${partition}`,
      run: mark.run,
      partition,
      intent: encodeIntent({
        sentAt,
        events: events.filter((event) => event.partition === partition),
      }),
    }))
    this.#parts.set(
      mark.id,
      marks.map(({ id }) => id),
    )
    return marks
  }

  /** The ids of what is stored of a mark that is closed. */
  close(id: string): readonly string[] {
    const parts = this.#parts.get(id) ?? [id]
    this.#parts.delete(id)
    return parts
  }

  /** Those of one request as one. @param stored - of partitions that are one's own */
  join(stored: readonly Mark[]): readonly Mark[] {
    return [...Map.groupBy(stored, ({ id }) => requestOf(id))].map(([id, parts]) => {
      this.#parts.set(
        id,
        parts.map((part) => part.id),
      )
      const intents = parts.map(({ intent }) => decodeIntent(intent))
      const { run } = itemAt(parts, 0)
      const { sentAt } = itemAt(intents, 0)
      const events = intents.flatMap((intent) => intent.events)
      return { id, run, intent: encodeIntent({ sentAt, events }) }
    })
  }
}

function requestOf(id: string): string {
  return id.slice(0, id.indexOf(OF) < 0 ? undefined : id.indexOf(OF))
}
