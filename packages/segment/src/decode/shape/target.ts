import type { CallScan, MemberList, Span } from '../scan/index.ts'
import { END, TEXT_HOLE, VALUE_HOLE } from './shape-walk.ts'
import type { Hole } from './shape-walk.ts'

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

/** What of a scanned call stands in a hole; null for what no row is made of. */
export function targetOf(
  { texts, externalIds, body, contextTraits }: CallScan,
  hole: Hole,
): Target | null {
  if (hole.kind === END) return null
  const spans = hole.kind === TEXT_HOLE ? texts : [externalIds]
  const span = spans.find(({ start }) => start === hole.start)
  if (span !== undefined) return { span, list: null, member: -1, keyBack: 0, keyLength: 0 }
  return memberTarget(body, hole) ?? memberTarget(contextTraits, hole)
}

/** Notes where the value of a hole stands in the record at hand. */
export function noteValue(
  { span, list, member, keyBack, keyLength }: Target,
  start: number,
  end: number,
): void {
  if (span !== null) {
    span.start = start
    span.end = end
    return
  }
  const members = list!
  members.keyStart[member] = start - keyBack
  members.keyEnd[member] = start - keyBack + keyLength
  members.valueStart[member] = start
  members.valueEnd[member] = end
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
