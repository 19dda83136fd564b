import { isUtf8 } from 'node:buffer'
import type { CallScan } from './call-scan.ts'
import { JsonScanner, QUOTE } from './json-scanner.ts'
import type { MemberList } from './member-list.ts'
import type { Resolution } from './resolution.ts'
import { RunTable, viewOf } from './run.ts'
import { ShapeNode } from './shape-node.ts'
import type { ShapeEnd, Target } from './shape-node.ts'
import { END, findHoles, TEXT_HOLE, VALUE_HOLE } from './shape-walk.ts'
import type { Hole } from './shape-walk.ts'

/** Nodes kept in all: about twelve a shape, and some shapes a computation. */
const MAX_NODES = 32_768
/** A full tree is begun anew, but not sooner than after this many records that had to be scanned. */
const PATIENCE = 20_000
/**
 * Learning a shape costs as much as scanning some thirty records. The first thousand may be learned at once; after
 * that, one for every so many records that matched, so that ever new shapes cost a scan and no more.
 */
const FREE_LESSONS = 1000
const MATCHES_A_LESSON = 32
/** The highest bit of each of four bytes. */
const HIGH_BITS = 0x80808080 | 0
const NO_BYTES = new Uint8Array(0)

/**
 * The shapes of records seen before, as a tree of shared runs with holes between them.
 *
 * Events of one computation are the same text but for a few values. Comparing a record with a text that was checked
 * before costs a fraction of reading it: what is equal needs no second look, and the holes are checked as strictly as
 * anywhere. A record that fits no shape is simply scanned.
 */
export class ShapeTree {
  readonly #scan: CallScan
  readonly #scanner = new JsonScanner()
  #runs = new RunTable()
  #root = rootNode(this.#runs)
  #nodes = 0
  #misses = 0
  #lessons = 0
  #matches = 0
  #bytes: Uint8Array = NO_BYTES
  #view = viewOf(NO_BYTES)

  /** @param scan - what a match notes its values in */
  constructor(scan: CallScan) {
    this.#scan = scan
  }

  /** Notes where the values of a record stand, when its shape is known; what its shape says, or null. */
  match(bytes: Uint8Array, start: number, end: number): Resolution | null {
    if (this.#bytes !== bytes) {
      this.#bytes = bytes
      this.#view = viewOf(bytes)
      this.#scanner.bytes = bytes
    }
    this.#scanner.nonAscii = false
    this.#scan.clear(bytes)
    let node = this.#root.next(this.#view, start, end)
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
    this.#misses++
    if (this.#lessons > FREE_LESSONS + this.#matches / MATCHES_A_LESSON) return
    this.#lessons++
    if (this.#nodes >= MAX_NODES && !this.#beginAnew()) return
    if (!this.#isTypical()) return
    let node = this.#root
    let from = start
    for (const hole of findHoles(bytes, start, end)) {
      const run = this.#runs.of(bytes, from, hole.start)
      let child = node.same(run, hole.kind)
      if (child === null) {
        child = new ShapeNode(run, {
          kind: hole.kind,
          target: this.#targetOf(hole),
          end: hole.kind === END ? this.#endOf(resolution) : null,
        })
        if (!node.add(child)) return
        this.#nodes++
      }
      node = child
      from = hole.end
    }
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
    if (target === null) return end
    if (target.span !== null) {
      target.span.start = at
      target.span.end = end
    } else note(target.list!, target, at, end)
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
    this.#matches++
    return shape.resolution
  }

  #beginAnew(): boolean {
    if (this.#misses < PATIENCE) return false
    this.#runs = new RunTable()
    this.#root = rootNode(this.#runs)
    this.#nodes = 0
    this.#misses = 0
    this.#lessons = 0
    this.#matches = 0
    return true
  }

  /** Identifiers and times that are empty, or no texts, would make a shape that fits texts, too. */
  #isTypical(): boolean {
    return this.#scan.texts.every(({ start, end, isOther }) => !isOther && (start < 0 || start < end))
  }

  #endOf(resolution: Resolution): ShapeEnd {
    const { body, contextTraits, isProperties, hasPersonas, hasBody } = this.#scan
    return { resolution, bodyCount: body.count, contextTraitsCount: contextTraits.count, isProperties, hasPersonas, hasBody }
  }

  #targetOf(hole: Hole): Target | null {
    const { texts, externalIds, body, contextTraits } = this.#scan
    if (hole.kind === END) return null
    const spans = hole.kind === TEXT_HOLE ? texts : [externalIds]
    const span = spans.find(({ start }) => start === hole.start)
    if (span !== undefined) return { span, list: null, member: -1, keyBack: 0, keyLength: 0 }
    return memberTarget(body, hole) ?? memberTarget(contextTraits, hole)
  }
}

function rootNode(runs: RunTable): ShapeNode {
  return new ShapeNode(runs.of(NO_BYTES, 0, 0), { kind: VALUE_HOLE, target: null, end: null })
}

function memberTarget(list: MemberList, hole: Hole): Target | null {
  if (hole.kind !== VALUE_HOLE) return null
  for (let member = 0; member < list.count; member++) {
    if (list.valueStart[member] !== hole.start) continue
    const keyLength = list.keyEnd[member] - list.keyStart[member]
    return { span: null, list, member, keyBack: hole.start - list.keyStart[member], keyLength }
  }
  return null
}

function note(list: MemberList, { member, keyBack, keyLength }: Target, start: number, end: number): void {
  list.keyStart[member] = start - keyBack
  list.keyEnd[member] = start - keyBack + keyLength
  list.valueStart[member] = start
  list.valueEnd[member] = end
}

/** Past plain characters of a text, four at a time: none of them a quote, a backslash, a control or beyond ASCII. */
function plainEnd(view: DataView, from: number, end: number): number {
  let at = from
  while (at + 4 <= end) {
    const word = view.getInt32(at, true)
    const quotes = word ^ 0x22222222
    const backslashes = word ^ 0x5c5c5c5c
    // The high bit of a byte is set where it was 0 (or below a space), by the borrow of the subtraction.
    const marks = ((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes) | (word - 0x20202020) | word
    if ((marks & HIGH_BITS) !== 0) break
    at += 4
  }
  return at
}
