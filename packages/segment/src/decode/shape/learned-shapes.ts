import { RunTable } from './run.ts'
import { ShapeNode } from './shape-node.ts'
import type { ShapeEnd } from './shape-node.ts'
import { END, VALUE_HOLE } from './shape-walk.ts'
import type { Hole } from './shape-walk.ts'
import type { Target } from './target.ts'

/** Nodes kept in all: about twelve a shape, and some shapes a computation. */
const MAX_NODES = 32_768
/**
 * A full tree is begun anew, but not sooner than after this many records that had to be scanned.
 */
const PATIENCE = 20_000
/**
 * Learning a shape costs as much as scanning some thirty records. The first thousand may be learned
 * at once; after that, one for every so many records that matched, so that ever new shapes cost a
 * scan and no more.
 */
const FREE_LESSONS = 1000
const MATCHES_A_LESSON = 32
const NO_BYTES = new Uint8Array(0)

/**
 * A record of a new shape: its bytes, its holes with what stands in them, and what calls of this
 * shape say.
 */
export interface Lesson {
  readonly bytes: Uint8Array
  readonly start: number
  readonly holes: readonly Hole[]
  readonly targetOf: (hole: Hole) => Target | null
  readonly end: ShapeEnd
}

/** The tree of shapes learned so far, and whether one more is worth its cost. */
export class LearnedShapes {
  readonly root: ShapeNode
  /** Records that fitted a shape. */
  matches = 0
  readonly #runs = new RunTable()
  #nodes = 0
  #misses = 0
  #lessons = 0

  constructor() {
    this.root = new ShapeNode(this.#runs.of(NO_BYTES, 0, 0), {
      kind: VALUE_HOLE,
      target: null,
      end: null,
    })
  }

  /** Counts a record that fitted no shape; whether its own may be learned. */
  takesLesson(): boolean {
    this.#misses++
    if (this.#lessons > FREE_LESSONS + this.matches / MATCHES_A_LESSON) return false
    this.#lessons++
    return true
  }

  get isFull(): boolean {
    return this.#nodes >= MAX_NODES
  }

  /** Full, and of no use: so many records were not in it that it is better begun anew. */
  get isOutdated(): boolean {
    return this.#misses >= PATIENCE
  }

  /** Adds what is new of a shape; as much of it as there is room for. */
  add({ bytes, start, holes, targetOf, end }: Lesson): void {
    let node = this.root
    let from = start
    for (const hole of holes) {
      const run = this.#runs.of(bytes, from, hole.start)
      let child = node.same(run, hole.kind)
      if (child === null) {
        child = new ShapeNode(run, {
          kind: hole.kind,
          target: targetOf(hole),
          end: hole.kind === END ? end : null,
        })
        if (!node.add(child)) return
        this.#nodes++
      }
      node = child
      from = hole.end
    }
  }
}
