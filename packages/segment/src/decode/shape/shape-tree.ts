import { isUtf8 } from 'node:buffer'
import { JsonScanner, QUOTE } from '../scan/index.ts'
import type { CallScan, Resolution } from '../scan/index.ts'
import { LearnedShapes } from './learned-shapes.ts'
import { viewOf } from './run.ts'
import type { ShapeEnd, ShapeNode } from './shape-node.ts'
import { END, findHoles, TEXT_HOLE, VALUE_HOLE } from './shape-walk.ts'
import { noteValue, targetOf } from './target.ts'

/** The highest bit of each of four bytes. */
const HIGH_BITS = 0x80808080 | 0
const NO_BYTES = new Uint8Array(0)

/**
 * The shapes of records seen before, as a tree of shared runs with holes between them; drawn in
 * this room's index.
 *
 * A record that fits no shape is simply scanned.
 */
export class ShapeTree {
  readonly #scan: CallScan
  readonly #scanner = new JsonScanner()
  #shapes = new LearnedShapes()
  #bytes: Uint8Array = NO_BYTES
  #view = viewOf(NO_BYTES)

  /** @param scan - what a match notes its values in */
  constructor(scan: CallScan) {
    this.#scan = scan
  }

  /**
   * Notes where the values of a record stand, when its shape is known; what its shape says, or
   * null.
   */
  match(bytes: Uint8Array, start: number, end: number): Resolution | null {
    if (this.#bytes !== bytes) {
      this.#bytes = bytes
      this.#view = viewOf(bytes)
      this.#scanner.bytes = bytes
    }
    this.#scanner.nonAscii = false
    this.#scan.clear(bytes)
    let node = this.#shapes.root.next(this.#view, start, end)
    let at = start
    while (node !== null) {
      at += node.length
      if (node.kind === END) return at === end ? this.#finish(node.end!, start, end) : null
      at = this.#fillHole(node, at, end)
      if (at < 0) return null
      node = node.next(this.#view, at, end)
    }
    return null
  }

  /** Keeps the shape of a record that was just scanned. */
  learn(bytes: Uint8Array, start: number, end: number, resolution: Resolution): void {
    if (!this.#shapes.takesLesson()) return
    if (this.#shapes.isFull) {
      if (!this.#shapes.isOutdated) return
      this.#shapes = new LearnedShapes()
    }
    const scan = this.#scan
    if (!isTypical(scan)) return
    this.#shapes.add({
      bytes,
      start,
      holes: findHoles(bytes, start, end),
      targetOf: (hole) => targetOf(scan, hole),
      end: endOf(scan, resolution),
    })
  }

  /** From a hole to behind it, or a negative number. */
  #fillHole({ kind, target }: ShapeNode, at: number, recordEnd: number): number {
    const scanner = this.#scanner
    let end = at
    if (kind === TEXT_HOLE) {
      scanner.escaped = false
      end = scanner.string(plainEnd(this.#view, at, recordEnd)) - 1
      // A text with escapes means something else than its bytes.
      if (end < 0 || scanner.escaped) return -1
    } else if (kind === VALUE_HOLE) {
      const isText = this.#bytes[at] === QUOTE
      end = isText ? scanner.string(plainEnd(this.#view, at + 1, recordEnd)) : scanner.value(at)
      if (end < 0) return -1
    }
    if (target !== null) noteValue(target, at, end)
    return end
  }

  #finish(shape: ShapeEnd, start: number, end: number): Resolution | null {
    const scan = this.#scan
    scan.body.count = shape.bodyCount
    scan.contextTraits.count = shape.contextTraitsCount
    scan.isProperties = shape.isProperties
    scan.hasPersonas = shape.hasPersonas
    scan.hasBody = shape.hasBody
    if (this.#scanner.nonAscii && !isUtf8(this.#bytes.subarray(start, end))) return null
    this.#shapes.matches++
    return shape.resolution
  }
}

/** Identifiers and times that are empty, or no texts, would make a shape that fits texts, too. */
function isTypical({ texts }: CallScan): boolean {
  return texts.every(({ start, end, isOther }) => !isOther && (start < 0 || start < end))
}

function endOf(
  { body, contextTraits, isProperties, hasPersonas, hasBody }: CallScan,
  resolution: Resolution,
): ShapeEnd {
  return {
    resolution,
    bodyCount: body.count,
    contextTraitsCount: contextTraits.count,
    isProperties,
    hasPersonas,
    hasBody,
  }
}

/**
 * Past plain characters of a text, four at a time: none of them a quote, a backslash, a control or
 * beyond ASCII.
 */
function plainEnd(view: DataView, from: number, end: number): number {
  let at = from
  while (at + 4 <= end) {
    const word = view.getInt32(at, true)
    const quotes = word ^ 0x22222222
    const backslashes = word ^ 0x5c5c5c5c
    // The high bit of a byte is set where it was 0 (or below a space), by the borrow of the
    // subtraction.
    const special =
      ((quotes - 0x01010101) & ~quotes) |
      ((backslashes - 0x01010101) & ~backslashes) |
      (word - 0x20202020) |
      word
    if ((special & HIGH_BITS) !== 0) break
    at += 4
  }
  return at
}
