import type { Source, StreamSource } from '@engage-sync/core'
import type { StoredValue } from '../../../state/values/named-value.ts'
import { sourceReads } from '../../../state/values/source-reads.ts'
import type { OpenRun } from '../../open.ts'
import type { StreamOptions } from '../terms/index.ts'

/** The sources of a stream that do not go on: when they are read by the run that comes first. */
export class FiniteSources {
  readonly #options: StreamOptions
  readonly #names: readonly string[]
  /** Those this stream has read to their end. */
  readonly #done = new Set<string>()

  constructor(options: StreamOptions, streams: ReadonlyMap<string, StreamSource>) {
    this.#options = options
    this.#names = [...options.sources.keys()].filter((name) => !streams.has(name))
  }

  /**
   * Those that are to be read before windows begin: that are due and were not read since, that no
   * server read before, and that something in doubt or a changed mapping needs.
   */
  async wanted({ mappings, unconfirmed }: OpenRun): Promise<ReadonlySet<string>> {
    if (this.#names.length === 0) return new Set()
    const { store, isDue = () => true } = this.#options
    const reads = await sourceReads.readAll(store)
    const isDoubted = (name: string) => unconfirmed.get(name)?.ends.some((end) => end > 0) === true
    const needs = (name: string) => mappings.history.has(name) || isDoubted(name)
    const isUnread = (name: string) => {
      const readMs = reads.get(name)
      return readMs === undefined || (!this.#done.has(name) && isDue(name, readMs))
    }
    return new Set(this.#names.filter((name) => needs(name) || isUnread(name)))
  }

  /** The sources of a run that reads some of them; null for all. The others stay where they are. */
  sourcesOf(wanted: ReadonlySet<string> | null): ReadonlyMap<string, Source> {
    const { sources } = this.#options
    if (wanted === null) return sources
    const isLeft = (name: string) => this.#names.includes(name) && !wanted.has(name)
    return new Map(
      [...sources].map(([name, source]) => [name, isLeft(name) ? notNow(source) : source]),
    )
  }

  /** A run read them to their end; what to store of that. @param readMs - when it began */
  done(wanted: ReadonlySet<string> | null, readMs: number): readonly StoredValue[] {
    const names = this.#names.filter((name) => wanted === null || wanted.has(name))
    for (const name of names) this.#done.add(name)
    return names.map((name) => sourceReads.stored(name, readMs))
  }
}

/** A source that is not read this time: where it was read to stays what it is. */
function notNow({ name }: Source): Source {
  return { name, drains: true, async *read() {} }
}
