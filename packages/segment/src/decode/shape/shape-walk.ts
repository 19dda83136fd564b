import { JsonScanner, QUOTE } from '../scan/index.ts'

/**
 * What stands in a hole: the rest of a text up to its closing quote, any value, nothing (only a
 * place to branch).
 */
export const TEXT_HOLE = 0
export const VALUE_HOLE = 1
export const NO_HOLE = 2
/** The end of the record. */
export const END = 3

/** A place of a record where calls of one shape differ. */
export interface Hole {
  readonly start: number
  readonly end: number
  readonly kind: number
}

/** Members that are the same for all calls of a computation, or have few values. */
const STEADY = new Set([
  'type',
  'event',
  'integrations',
  'writeKey',
  'channel',
  'version',
  'projectId',
])
const STEADY_CONTEXT = new Set(['__segment_internal', 'integrations', 'library', 'channel'])
/** The one member of a personas block that is new with every run. */
const RUN_ID = 'computation_run_id'
const LITERALS = new Set([0x74, 0x66, 0x6e])
const decoder = new TextDecoder()

type Visit = (key: string, value: number, end: number) => void

/**
 * The holes of a record that was scanned, in order of place.
 *
 * Everything between them is its shape: the names of all members, and the values that say what kind
 * of call it is.
 */
export function findHoles(bytes: Uint8Array, start: number, end: number): readonly Hole[] {
  const holes: Hole[] = []
  const add = (kind: number, from: number, to: number): void => {
    holes.push({ kind, start: from, end: to })
  }
  const addValue: Visit = (_key, value, valueEnd) => add(VALUE_HOLE, value, valueEnd)
  visitMembers(bytes, start, (key, value, valueEnd) => {
    if (key === 'context') visitMembers(bytes, value, visitContext)
    else if (key === 'traits' || key === 'properties') visitMembers(bytes, value, addValue)
    else if (STEADY.has(key) || LITERALS.has(bytes[value])) return
    else if (bytes[value] === QUOTE) add(TEXT_HOLE, value + 1, valueEnd - 1)
    else add(VALUE_HOLE, value, valueEnd)
  })
  add(END, end, end)
  return holes

  function visitContext(key: string, value: number, valueEnd: number): void {
    if (STEADY_CONTEXT.has(key)) return
    if (key === 'traits') visitMembers(bytes, value, addValue)
    else if (key !== 'personas') add(VALUE_HOLE, value, valueEnd)
    else {
      // All computations share what comes before; they part here.
      add(NO_HOLE, value, value)
      visitMembers(bytes, value, (name, at, to) =>
        name === RUN_ID ? add(VALUE_HOLE, at, to) : undefined,
      )
    }
  }
}

function visitMembers(bytes: Uint8Array, object: number, visit: Visit): void {
  const scanner = new JsonScanner()
  scanner.bytes = bytes
  for (let at = scanner.open(object); at >= 0;) {
    const value = scanner.key(at)
    const key = decoder.decode(bytes.subarray(scanner.keyStart, scanner.keyEnd))
    const end = scanner.value(value)
    visit(key, value, end)
    at = scanner.afterValue(end)
  }
}
