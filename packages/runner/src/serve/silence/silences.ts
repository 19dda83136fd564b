import type { SourceTally } from '../front/index.ts'
import { readGaps, writeGaps } from './gaps-file.ts'
import { UsualGap } from './usual-gap.ts'

/** How quiet a source is. */
export interface Silence {
  readonly source: string
  /** When the last record came, or the server started, milliseconds since the epoch. */
  readonly sinceMs: number
  /** For how long nothing came, milliseconds. */
  readonly quietMs: number
  /** From when on that is silence, milliseconds; null as long as it is not known what is usual. */
  readonly limitMs: number | null
  readonly isSilent: boolean
}

/** Which sources are silent, of those that counted something. */
export class Silences {
  readonly #gaps = new Map<string, UsualGap>()
  #now: readonly Silence[] = []
  #directory: string | null = null

  /** As of the last look. */
  get now(): readonly Silence[] {
    return this.#now
  }

  /** Looks at what came. @param directory - of the environment, where what was learnt is kept */
  look(
    tallies: ReadonlyMap<string, Pick<SourceTally, 'records' | 'lastCameMs'>>,
    { directory, nowMs }: { readonly directory: string; readonly nowMs: number },
  ): void {
    if (this.#directory === null) this.#directory = directory
    let isOver = false
    this.#now = [...tallies].map(([source, { records, lastCameMs: sinceMs }]) => {
      const gap = this.#gapOf(source, { directory, records, nowMs })
      const quietMs = Math.max(0, nowMs - sinceMs)
      if (gap.look(quietMs, records, nowMs)) isOver = true
      const { limitMs } = gap
      return { source, sinceMs, quietMs, limitMs, isSilent: limitMs !== null && quietMs > limitMs }
    })
    if (isOver) this.keep()
  }

  /** Keeps what was learnt for the next server. What cannot be kept is learnt anew. */
  keep(): void {
    if (this.#directory === null) return
    writeGaps(this.#directory, new Map([...this.#gaps].map(([name, { hours }]) => [name, hours])))
  }

  #gapOf(
    source: string,
    at: { readonly directory: string; readonly records: number; readonly nowMs: number },
  ): UsualGap {
    const known = this.#gaps.get(source)
    if (known !== undefined) return known
    const gap = new UsualGap(readGaps(at.directory).get(source) ?? [], at)
    this.#gaps.set(source, gap)
    return gap
  }
}
