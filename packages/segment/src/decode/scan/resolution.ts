import type { SkipCode } from '../record/index.ts'
import type { CallScan, Span } from './call-scan.ts'
import { bytesOf, standsAt } from './json-scanner.ts'
import { NONE, SEVERAL } from './member-list.ts'
import type { KeyTable, KnownName } from './key-table.ts'
import type { ScanTrust } from './scan-trust.ts'

const IDENTIFY = bytesOf('identify')
const TRACK = bytesOf('track')
const OTHERS = ['page', 'screen', 'alias'].map(bytesOf)
const JOURNEY_STEP = bytesOf('journey_step')
const AUDIENCES = [bytesOf('audience'), JOURNEY_STEP]
const TRAITS = ['trait', 'computed_trait'].map(bytesOf)
const KEY_MEMBERS = ['audience_key', 'trait_key'].map(bytesOf)

/** A member of the body whose value is looked at. */
export interface ReadMember {
  readonly member: number
  /** Indexes into the plan's keys; none when the value must only be sound. */
  readonly indexes: readonly number[]
  readonly isMembership: boolean
}

/**
 * What a call says, as far as its type and its names tell it: everything but the values, the user
 * and the time.
 *
 * Calls of the same shape share it.
 */
export interface Resolution {
  /** The call is none of our business. */
  readonly skip: SkipCode | null
  /** The computation's key; of a SQL trait's row, the first column. */
  readonly computation: string
  readonly members: readonly ReadMember[]
  /** Computations of the call that no key of the plan wants. */
  readonly unmapped: readonly string[]
}

const SKIPPED: Resolution = {
  skip: 'SKIPPED_NOT_ENGAGE',
  computation: '',
  members: [],
  unmapped: [],
}

/** What is asked beside the keys. */
export interface Asked {
  /** Of the plan: 1 for keys whose values are read; null for all. */
  readonly only: Uint8Array | null
  /** Null when all calls count. */
  readonly trust: ScanTrust | null
}

/**
 * Resolves a scanned call; null when the exact decoder must look.
 */
export function resolve(scan: CallScan, keys: KeyTable, { only, trust }: Asked): Resolution | null {
  const resolution =
    trust === null || !scan.hasPersonas || trust.takes(scan)
      ? resolveCall(scan, keys)
      : resolveOther(scan)
  return resolution === null || only === null
    ? resolution
    : { ...resolution, members: readMembers(resolution.members, only) }
}

/** Without the values nobody reads; a membership must be sound all the same. */
function readMembers(members: readonly ReadMember[], only: Uint8Array): readonly ReadMember[] {
  return members
    .map((one) => ({ ...one, indexes: one.indexes.filter((index) => only[index] === 1) }))
    .filter(({ indexes, isMembership }) => isMembership || indexes.length > 0)
}

/**
 * A call that does not count: none of our business where it is no computation; else the exact
 * decoder tells why.
 */
function resolveOther(scan: CallScan): Resolution | null {
  return scan.type.start >= 0 && isOneOf(scan, scan.type, OTHERS) ? SKIPPED : null
}

function resolveCall(scan: CallScan, keys: KeyTable): Resolution | null {
  if (scan.type.start < 0) return null
  if (isOneOf(scan, scan.type, OTHERS)) return SKIPPED
  const isTrack = isWord(scan, scan.type, TRACK)
  if (!isTrack && !isWord(scan, scan.type, IDENTIFY)) return null
  if (!scan.hasBody || scan.isProperties !== isTrack) return null
  if (scan.hasPersonas) return resolvePersonas(scan, keys, isTrack)
  return hasConfigured(scan, keys) ? null : SKIPPED
}

/** A call of Engage: its personas block names the computation. */
function resolvePersonas(scan: CallScan, keys: KeyTable, isTrack: boolean): Resolution | null {
  const isAudience = isOneOf(scan, scan.class, AUDIENCES)
  const isKnownClass = isAudience || isOneOf(scan, scan.class, TRAITS)
  if (!isKnownClass || scan.key.start < 0 || scan.key.start === scan.key.end) return null
  const known = keys.find(scan.bytes, scan.key.start, scan.key.end)
  const member = scan.body.indexOf(scan.bytes, known.bytes)
  if (member === SEVERAL) return null
  if (member !== NONE) return resolveComputation(scan, keys, { known, member, isAudience })
  // Another name may be the right one; it is a value, which calls of one shape need not share.
  if (KEY_MEMBERS.some((name) => scan.body.indexOf(scan.bytes, name) !== NONE)) return null
  if (isTrack) return isWord(scan, scan.class, JOURNEY_STEP) ? resolveStep(scan, keys, known) : null
  return isAudience ? null : resolveSqlTrait(scan, keys)
}

interface Computation {
  readonly known: KnownName
  readonly member: number
  readonly isAudience: boolean
}

function resolveComputation(
  scan: CallScan,
  keys: KeyTable,
  { known, member, isAudience }: Computation,
): Resolution | null {
  const indexes = isAudience ? known.audience : known.trait
  const members: ReadMember[] =
    indexes.length > 0 || isAudience ? [{ member, indexes, isMembership: isAudience }] : []
  if (keys.hasEnrichment && !addEnrichment(scan, keys, { member, members })) return null
  return {
    skip: null,
    computation: known.text,
    members,
    unmapped: indexes.length > 0 ? [] : [known.text],
  }
}

/**
 * A journey's step that was entered, which no member says: null when it is wanted, since its value
 * stands nowhere.
 */
function resolveStep(scan: CallScan, keys: KeyTable, known: KnownName): Resolution | null {
  if (known.audience.length > 0) return null
  const members: ReadMember[] = []
  if (keys.hasEnrichment && !addEnrichment(scan, keys, { member: -1, members })) return null
  return { skip: null, computation: known.text, members, unmapped: [known.text] }
}

/** Adds the wanted members beside a computation; false when one comes twice. */
function addEnrichment(
  scan: CallScan,
  keys: KeyTable,
  { member, members }: { readonly member: number; readonly members: ReadMember[] },
): boolean {
  const seen = new Set<KnownName>()
  for (let other = 0; other < scan.body.count; other++) {
    if (other === member) continue
    const beside = keys.lookUp(scan.bytes, scan.body.keyStart[other], scan.body.keyEnd[other])
    if (beside === null || beside.enrichment.length === 0) continue
    if (seen.has(beside)) return false
    seen.add(beside)
    members.push({ member: other, indexes: beside.enrichment, isMembership: false })
  }
  return true
}

/** Every member is a column of the row, but for those that tell the user. */
function resolveSqlTrait(scan: CallScan, keys: KeyTable): Resolution | null {
  const members: ReadMember[] = []
  const unmapped: string[] = []
  const seen = new Set<KnownName>()
  let first: string | null = null
  for (let member = 0; member < scan.body.count; member++) {
    const known = keys.find(scan.bytes, scan.body.keyStart[member], scan.body.keyEnd[member])
    if (seen.has(known)) return null
    seen.add(known)
    const indexes = known.isSqlIdentifier ? known.enrichment : known.trait
    if (indexes.length > 0) members.push({ member, indexes, isMembership: false })
    else if (!known.isSqlIdentifier) unmapped.push(known.text)
    if (!known.isSqlIdentifier) first ??= known.text
  }
  return first === null ? null : { skip: null, computation: first, members, unmapped }
}

/** Whether a member of a call without a personas block could be a configured computation. */
function hasConfigured(scan: CallScan, keys: KeyTable): boolean {
  const { bytes, body } = scan
  for (let member = 0; member < body.count; member++) {
    const start = body.keyStart[member]
    const end = body.keyEnd[member]
    if (KEY_MEMBERS.some((name) => name.length === end - start && standsAt(bytes, start, name)))
      return true
    const known = keys.lookUp(bytes, start, end)
    if (known !== null && (known.trait.length > 0 || known.audience.length > 0)) return true
  }
  return false
}

function isOneOf(scan: CallScan, span: Span, words: readonly Uint8Array[]): boolean {
  return words.some((word) => isWord(scan, span, word))
}

function isWord({ bytes }: CallScan, span: Span, word: Uint8Array): boolean {
  return (
    span.start >= 0 && span.end - span.start === word.length && standsAt(bytes, span.start, word)
  )
}
