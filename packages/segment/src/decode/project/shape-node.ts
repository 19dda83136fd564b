import type { Span } from './call-scan.ts'
import type { MemberList } from './member-list.ts'
import type { Resolution } from './resolution.ts'

const WORD = 8
/** Alternatives at one place; beyond these a record is scanned. */
const MAX_CHILDREN = 64

/** Where the value of a hole is noted for the row. */
export interface Target {
  /** A text of the call. */
  readonly span: Span | null
  /** Member n of the body or of `context.traits`. */
  readonly list: MemberList | null
  readonly member: number
  /** How far before the hole the member's key stands, and how long it is. */
  readonly keyBack: number
  readonly keyLength: number
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

/**
 * A run of bytes that records share, and the hole behind it.
 *
 * Runs are compared eight bytes at a time, read as doubles: two doubles that are equal have equal bytes, unless they
 * are the two zeros, which no JSON text holds.
 */
export class ShapeNode {
  readonly length: number
  readonly kind: number
  readonly target: Target | null
  readonly end: ShapeEnd | null
  readonly children: ShapeNode[] = []
  readonly #run: Uint8Array
  readonly #words: Float64Array
  /** The last eight bytes. */
  readonly #last: number
  /** Where the runs of the children differ most, or -1; and their eight bytes there. */
  #probe = -1
  readonly #marks = new Float64Array(MAX_CHILDREN)

  constructor(run: Uint8Array, hole: { kind: number; target: Target | null; end: ShapeEnd | null }) {
    this.#run = run
    this.length = run.length
    this.kind = hole.kind
    this.target = hole.target
    this.end = hole.end
    const view = viewOf(run)
    this.#words = Float64Array.from({ length: Math.floor(run.length / WORD) }, (_, index) => view.getFloat64(index * WORD, true))
    this.#last = run.length < WORD ? 0 : view.getFloat64(run.length - WORD, true)
  }

  /** Whether the run stands at a place of a record that ends at `end`. */
  stands(view: DataView, at: number, end: number): boolean {
    const length = this.length
    if (at + length > end) return false
    if (length < WORD) return this.#standsShort(view, at)
    const words = this.#words
    for (let index = 0; index < words.length; index++) {
      if (view.getFloat64(at + index * WORD, true) !== words[index]) return false
    }
    return view.getFloat64(at + length - WORD, true) === this.#last
  }

  /** The child whose run stands at a place, or null. */
  next(view: DataView, at: number, end: number): ShapeNode | null {
    const { children } = this
    if (children.length === 1) return children[0].stands(view, at, end) ? children[0] : null
    const probe = this.#probe
    const mark = probe >= 0 && at + probe + WORD <= end ? view.getFloat64(at + probe, true) : 0
    for (let index = 0; index < children.length; index++) {
      if (probe >= 0 && this.#marks[index] !== mark) continue
      if (children[index].stands(view, at, end)) return children[index]
    }
    return null
  }

  /** The child with exactly this run and kind of hole, or null. */
  same(run: Uint8Array, kind: number): ShapeNode | null {
    return this.children.find((child) => child.kind === kind && Buffer.compare(child.#run, run) === 0) ?? null
  }

  /** Adds a child; false when there are too many. */
  add(child: ShapeNode): boolean {
    if (this.children.length === MAX_CHILDREN) return false
    this.children.push(child)
    this.#mark()
    return true
  }

  /** Chooses the place where most children differ from the first. */
  #mark(): void {
    const [first, ...others] = this.children
    const shortest = Math.min(...this.children.map(({ length }) => length))
    let most = 0
    this.#probe = -1
    for (const other of others) {
      const differs = firstDifference(first.#run, other.#run)
      const probe = Math.min(differs, shortest - WORD)
      if (probe < 0) continue
      const distinct = new Set(this.children.map((child) => child.#wordAt(probe))).size
      if (distinct > most) [most, this.#probe] = [distinct, probe]
    }
    if (this.#probe >= 0) this.children.forEach((child, index) => (this.#marks[index] = child.#wordAt(this.#probe)))
  }

  #wordAt(offset: number): number {
    return viewOf(this.#run).getFloat64(offset, true)
  }

  #standsShort(view: DataView, at: number): boolean {
    for (let index = 0; index < this.length; index++) {
      if (view.getUint8(at + index) !== this.#run[index]) return false
    }
    return true
  }
}

/** A view of the bytes of an array. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function firstDifference(left: Uint8Array, right: Uint8Array): number {
  let at = 0
  while (at < left.length && at < right.length && left[at] === right[at]) at++
  return at
}
