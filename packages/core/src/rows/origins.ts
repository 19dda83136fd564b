import { entryOf } from '@engage-sync/contract'
import { grown, nextSize, release } from './memory/grown.ts'
import type { ByteReader, ByteWriter } from './memory/byte-writer.ts'

const FIRST_PLACES = 64
/**
 * Numbers of runs a partition tells apart between two snapshots; what comes from a run beyond them
 * is of no known run.
 */
const MOST_RUNS = 65_535

/**
 * Which run delivered what a place (`row * columns + column`) holds.
 *
 * Two bytes a place, into a list of run numbers: few runs deliver to one partition between two
 * snapshots, and a snapshot drops those nothing comes from any more. Nothing is allocated before
 * the first delivery.
 */
export class Origins {
  #indexes = new Uint16Array(0)
  #runs: number[] = []
  #indexOf = new Map<number, number>()
  /** The run noted last, and its index from 1; 0 for none. */
  lastRun = 0
  #last = 0

  /** This run delivered what the place holds now. */
  note(place: number, run: number): void {
    if (run !== this.lastRun) this.#turnTo(run)
    if (place >= this.#indexes.length) this.#grow(place)
    this.#indexes[place] = this.#last
  }

  /** The run what a place holds was delivered by; 0 when that is not known. */
  runOf(place: number): number {
    const index = place < this.#indexes.length ? this.#indexes[place] : 0
    return index === 0 ? 0 : this.#runs[index - 1]
  }

  /** Whether it was the run noted last. */
  isLast(place: number): boolean {
    return this.#last !== 0 && place < this.#indexes.length && this.#indexes[place] === this.#last
  }

  /** Forgets places `from` to `to`. */
  clear(from: number, to: number): void {
    this.#indexes.fill(0, Math.min(from, this.#indexes.length), Math.min(to, this.#indexes.length))
  }

  get byteLength(): number {
    return this.#indexes.byteLength
  }

  /** Writes the places below a number, with the runs they name. */
  write(out: ByteWriter, places: number): void {
    const { runs, numbers } = this.#usedRuns()
    out.u32(runs.length)
    if (runs.length === 0) return
    for (const run of runs) out.u32(run)
    out.u32(places)
    const indexes = new Uint16Array(places)
    const known = Math.min(places, this.#indexes.length)
    for (let place = 0; place < known; place++) indexes[place] = numbers[this.#indexes[place]]
    const bytes = new Uint8Array(indexes.buffer)
    out.span(bytes, 0, bytes.length)
    release(bytes)
  }

  /**
   * Reads what `write` wrote. @param columns - of the writer, and `width` of the reader, who may
   * know more
   */
  read(
    from: ByteReader,
    { columns, width }: { readonly columns: number; readonly width: number },
  ): void {
    const count = from.u32()
    if (count === 0) return
    this.#runs = Array.from({ length: count }, () => from.u32())
    this.#indexOf = new Map(this.#runs.map((run, index) => [run, index + 1]))
    const places = from.u32()
    // A copy: stored bytes need not stand where 16-bit numbers may.
    const stored = new Uint16Array(new Uint8Array(from.span(places * 2)).buffer)
    if (columns === width) {
      this.#indexes = stored
      return
    }
    this.#indexes = new Uint16Array(Math.ceil(places / columns) * width)
    for (let place = 0; place < places; place++)
      this.#indexes[Math.floor(place / columns) * width + (place % columns)] = stored[place]
  }

  /** Runs some place names; and by the number of each run here, its number there. */
  #usedRuns(): { readonly runs: readonly number[]; readonly numbers: Uint16Array } {
    const isUsed = new Uint8Array(this.#runs.length + 1)
    for (let place = 0; place < this.#indexes.length; place++) isUsed[this.#indexes[place]] = 1
    const numbers = new Uint16Array(this.#runs.length + 1)
    const runs = this.#runs.filter((_, index) => isUsed[index + 1] === 1)
    for (const [index, run] of runs.entries()) numbers[entryOf(this.#indexOf, run)] = index + 1
    return { runs, numbers }
  }

  #turnTo(run: number): void {
    let index = this.#indexOf.get(run)
    if (index === undefined && this.#runs.length < MOST_RUNS) {
      index = this.#runs.push(run)
      this.#indexOf.set(run, index)
    }
    this.lastRun = run
    this.#last = index ?? 0
  }

  #grow(place: number): void {
    this.#indexes = grown(
      this.#indexes,
      Math.max(place + 1, nextSize(this.#indexes.length), FIRST_PLACES),
    )
  }
}
