import type { Json } from '@engage-sync/contract'
import type { SegmentForm } from '../options/index.ts'
import { isObject, isText } from '../values/index.ts'

/** A segment as one would make it in the dashboard. */
export interface Segment {
  readonly id: string
  readonly name: string
  /** In the form of `POST /simulator/filter`. */
  readonly filter: Json
  readonly description: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** Checks a segment from outside; null when it is none. */
export function readSegment(value: unknown): SegmentForm | null {
  if (!isObject(value) || !isText(value.id) || !isText(value.name) || !isObject(value.filter))
    return null
  const { id, name, filter, description } = value
  return { id, name, filter, ...(isText(description) ? { description } : {}) }
}

/**
 * Segments by id, and archives of their users. Like settings they outlive a reset, and end with the
 * process.
 */
export class Segments {
  readonly #segments = new Map<string, Segment>()
  readonly #archives = new Map<string, { readonly bytes: Buffer; readonly readyAt: number }>()
  readonly #kept = 20

  add({ id, name, filter, description = '' }: SegmentForm, createdAt: number): void {
    this.#segments.set(id, {
      id,
      name,
      filter,
      description,
      createdAt: this.#segments.get(id)?.createdAt ?? createdAt,
    })
  }

  get(id: string): Segment | undefined {
    return this.#segments.get(id)
  }

  /** Oldest first. */
  list(): readonly Segment[] {
    return [...this.#segments.values()]
  }

  /** Keeps an archive for download from then on, milliseconds since the epoch; the oldest goes when there are too many. */
  keepArchive(id: string, archive: { readonly bytes: Buffer; readonly readyAt: number }): void {
    this.#archives.set(id, archive)
    const oldest = this.#archives.keys().next()
    if (this.#archives.size > this.#kept && oldest.done !== true)
      this.#archives.delete(oldest.value)
  }

  archive(id: string, now: number): Buffer | undefined {
    const archive = this.#archives.get(id)
    return archive !== undefined && archive.readyAt <= now ? archive.bytes : undefined
  }
}
