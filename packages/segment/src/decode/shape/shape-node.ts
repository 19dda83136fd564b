import type { Resolution } from '../scan/index.ts'
import type { Run } from './run.ts'
import type { Target } from './target.ts'

const WORD_BYTES = 8
const NO_PROBE_BYTES = new Float64Array(0)
/** Alternatives at one place; beyond these a record is scanned. */
const MAX_CHILDREN = 512
/**
 * The same where they are too short to be told apart by eight bytes, and must be tried one by one.
 */
const MAX_SHORT_CHILDREN = 16

/** What stands behind a run. */
export interface Behind {
  /** The kind of hole. */
  readonly kind: number
  readonly target: Target | null
  readonly end: ShapeEnd | null
}

/** What a record of a shape has, once its end is reached. */
export interface ShapeEnd {
  readonly resolution: Resolution
  readonly bodyCount: number
  readonly contextTraitsCount: number
  readonly isProperties: boolean
  readonly hasPersonas: boolean
  readonly hasBody: boolean
}

/** A run of bytes that records share, the hole behind it, and the runs that may follow. */
export class ShapeNode {
  readonly length: number
  readonly kind: number
  readonly target: Target | null
  readonly end: ShapeEnd | null
  readonly #run: Run
  readonly #children: ShapeNode[] = []
  /** Where the runs of the children differ most, or -1; and their eight bytes there. */
  #probeAt = -1
  #probeBytes = NO_PROBE_BYTES

  constructor(run: Run, { kind, target, end }: Behind) {
    this.#run = run
    this.length = run.length
    this.kind = kind
    this.target = target
    this.end = end
  }

  /** The child whose run stands at a place, or null. */
  next(view: DataView, at: number, end: number): ShapeNode | null {
    const children = this.#children
    const probeAt = this.#probeAt
    if (probeAt < 0 || at + probeAt + WORD_BYTES > end) return this.#nextOfAll(view, at, end)
    const bytes = view.getFloat64(at + probeAt, true)
    const probeBytes = this.#probeBytes
    for (let index = 0; index < probeBytes.length; index++) {
      if (probeBytes[index] === bytes && children[index].#run.stands(view, at, end))
        return children[index]
    }
    return null
  }

  /** The child with this run and kind of hole, or null. */
  same(run: Run, kind: number): ShapeNode | null {
    return this.#children.find((child) => child.kind === kind && child.#run === run) ?? null
  }

  /** Adds a child; false when there are too many. */
  add(child: ShapeNode): boolean {
    const isShort = this.#probeAt < 0 && this.#children.length > 1
    if (this.#children.length >= (isShort ? MAX_SHORT_CHILDREN : MAX_CHILDREN)) return false
    this.#children.push(child)
    // A better place to tell them apart is looked for at 2, 4, 8 … children: doing it each time
    // costs their square.
    const isDue = (this.#children.length & (this.#children.length - 1)) === 0
    if (isDue || !this.#probeNew(child)) this.#chooseProbe()
    return true
  }

  #nextOfAll(view: DataView, at: number, end: number): ShapeNode | null {
    for (let index = 0; index < this.#children.length; index++) {
      if (this.#children[index].#run.stands(view, at, end)) return this.#children[index]
    }
    return null
  }

  /**
   * Notes the probe bytes of a new child at the place chosen before; false when it is too short for
   * that.
   */
  #probeNew(child: ShapeNode): boolean {
    if (this.#probeAt < 0 || child.length < this.#probeAt + WORD_BYTES) return false
    const probeBytes = new Float64Array(this.#children.length)
    probeBytes.set(this.#probeBytes)
    probeBytes[probeBytes.length - 1] = child.#run.wordAt(this.#probeAt)
    this.#probeBytes = probeBytes
    return true
  }

  /** Chooses the place where most children differ from the first. */
  #chooseProbe(): void {
    const [first, ...others] = this.#children
    const shortest = Math.min(...this.#children.map(({ length }) => length))
    let most = 0
    this.#probeAt = -1
    for (const other of others) {
      const probe = Math.min(first.#run.differsAt(other.#run), shortest - WORD_BYTES)
      if (probe < 0) continue
      const distinct = new Set(this.#bytesAt(probe)).size
      if (distinct > most) [most, this.#probeAt] = [distinct, probe]
    }
    if (this.#probeAt >= 0) this.#probeBytes = this.#bytesAt(this.#probeAt)
  }

  #bytesAt(probe: number): Float64Array<ArrayBuffer> {
    return Float64Array.from(this.#children, (child) => child.#run.wordAt(probe))
  }
}
