import {
  ALIAS,
  aliasText,
  digestHex,
  evaluateSegment,
  explainFilter,
  EXTERNAL_ID,
  hasSeen,
  isNothing,
  isRetired,
  isSameDigest,
  MEMBER,
  MERGED_COLUMN,
  nextDue,
  NO_MEMBER,
  NO_VALUE,
  OpenRows,
  partitionOf,
  readSegmentLeaf,
  userKey,
} from '@engage-sync/core'
import type {
  CompiledSync,
  DeadLetter,
  Digest,
  Layout,
  OpenPartition,
  Output,
  RunProgram,
  SegmentProgram,
  StateStore,
} from '@engage-sync/core'
import { eachDeadLetter } from '../../state/reading/dead-letters.ts'
import { decodeDeferred } from '../../state/values/letter-payload.ts'
import { resolveMappings } from '../mappings/index.ts'
import { loadPartition } from '../partitions/index.ts'
import type { InspectedSegment, InspectedSlot, InspectedUser } from './inspected.ts'
import { leafFact } from './leaf-fact.ts'
import type { FactsKnown } from './leaf-fact.ts'
import { NotSent } from './not-sent.ts'
import { targetOf } from './target.ts'

/** What inspecting needs. */
export interface InspectParts {
  readonly store: StateStore
  readonly syncs: readonly CompiledSync[]
  readonly nowMs: number
  /** Whether kept values, which are personal data, are told. Default false. */
  readonly withValues?: boolean
}

/** A name a user may be known by: the external id, or an alias under one of the labels. */
interface Candidate {
  readonly kind: typeof EXTERNAL_ID | typeof ALIAS
  readonly text: string
  /** How a person calls it. */
  readonly name: string
}

/** Where a row is read. */
interface RowPlace {
  readonly open: OpenPartition
  readonly row: number
}

/**
 * Finds a user by external id, or by the name of an alias, and says all the state knows. Empty when
 * it knows nothing.
 */
export async function inspectUser(
  parts: InspectParts,
  user: string,
): Promise<readonly InspectedUser[]> {
  const mappings = await resolveMappings(parts.store, parts.syncs, { nowMs: parts.nowMs })
  const { program, layout } = mappings
  const reasons = new NotSent(mappings)
  const rows = new OpenRows(layout)
  const candidates = candidatesOf(parts.syncs, user)
  const letters = await lettersOf(parts.store, new Set(candidates.map(({ text }) => text)))
  const found: InspectedUser[] = []
  for (const { kind, text, name } of candidates) {
    const key = userKey(kind, text)
    const number = partitionOf(key)
    const open = rows.partitions[number] ?? (await loadPartition(parts.store, rows, number))
    const row = open.rows.findKey(key)
    const mine = letters.filter(({ subject }) => subject?.user === text)
    const left = leftOf(mine)
    if (row >= 0) {
      const slots = slotsOf({ open, row }, program.outputs, mine).map((slot) => ({
        ...slot,
        whyNot: reasons.of(slot),
        value: parts.withValues === true ? slot.value : null,
      }))
      found.push({
        kind: name,
        ...presenceOf({ open, row }, layout),
        ...left,
        slots,
        segments: segmentsOf({ open, row }, program.fold.segments, {
          nowMs: parts.nowMs,
          withValues: parts.withValues === true,
          slots,
          reasons,
        }),
      })
    } else if (left.waiting !== null || left.held !== null)
      found.push({ kind: name, ...UNKNOWN_TO_BRAZE, ...left })
  }
  return found
}

/** A user nothing was delivered to, so far. */
const UNKNOWN_TO_BRAZE = {
  isKnownToBraze: false,
  promotedTo: null,
  slots: [],
  segments: [],
} as const

function candidatesOf(syncs: readonly CompiledSync[], user: string): readonly Candidate[] {
  const labels = new Set(syncs.flatMap(({ identity }) => identity.alias?.label ?? []))
  const aliases = [...labels].map(
    (label) => ({ kind: ALIAS, text: aliasText(label, user), name: label }) as const,
  )
  return [{ kind: EXTERNAL_ID, text: user, name: 'external id' }, ...aliases]
}

function presenceOf(
  { open, row }: RowPlace,
  layout: Layout,
): Pick<InspectedUser, 'isKnownToBraze' | 'promotedTo'> {
  const { flags, storedTexts } = open.rows
  const merged = layout.find(MERGED_COLUMN)
  const isPromoted = flags.isMerged(row) && merged !== undefined
  return {
    isKnownToBraze: flags.isCreated(row),
    promotedTo: isPromoted ? (storedTexts.get(row, merged.number) ?? null) : null,
  }
}

function slotsOf(
  at: RowPlace,
  outputs: RunProgram['outputs'],
  letters: readonly DeadLetter[],
): readonly Omit<InspectedSlot, 'whyNot'>[] {
  const filled = outputs.filter((output) => output !== undefined)
  return filled.filter((output) => !isRetired(output)).map((output) => slotOf(at, output, letters))
}

/** The segments of the syncs that have seen the user. */
function segmentsOf(
  at: RowPlace,
  segments: readonly SegmentProgram[],
  {
    nowMs,
    withValues,
    slots,
    reasons,
  }: FactsKnown & Pick<InspectParts, 'nowMs'> & { readonly reasons: NotSent },
): readonly InspectedSegment[] {
  const place = { ...at, nowMs, events: [] }
  return segments
    .filter((program) => hasSeen(program, place))
    .map((program) => {
      const { id, filter } = program.segment
      const due = nextDue(program, place)
      return {
        segment: id,
        member: evaluateSegment(program, place),
        isBehind: reasons.isBehind(id),
        filter: explainFilter(
          filter,
          (leaf) => readSegmentLeaf(program, leaf, place),
          (leaf) => leafFact(program, leaf, { place, slots, withValues }),
        ),
        dueMs: Number.isFinite(due) ? due : null,
      }
    })
}

/** The dead letters of some users, newest first. */
async function lettersOf(
  store: StateStore,
  users: ReadonlySet<string>,
): Promise<readonly DeadLetter[]> {
  const found: DeadLetter[] = []
  for await (const letter of eachDeadLetter(store))
    if (letter.subject !== null && users.has(letter.subject.user)) found.push(letter)
  return found
}

/** The letters say so themselves: rows of users who wait hold what was delivered. */
function leftOf(letters: readonly DeadLetter[]): Pick<InspectedUser, 'waiting' | 'held'> {
  const all = letters
    .filter(({ stage }) => stage === 'waiting')
    .map(({ at, payload }) => ({ at, ...decodeDeferred(payload) }))
  const recordsOf = (some: typeof all) => some.reduce((sum, { records }) => sum + records.length, 0)
  const waiting = all.filter(({ isFrozenOnly }) => !isFrozenOnly)
  const frozen = all.filter(({ isFrozenOnly }) => isFrozenOnly)
  const guards = [...new Set(all.flatMap((letter) => letter.frozen))].toSorted()
  const lastTried = waiting.map(({ at }) => at).reduce((one, at) => (at > one ? at : one), '')
  return {
    waiting: waiting.length === 0 ? null : { records: recordsOf(waiting), lastTried },
    held: guards.length === 0 ? null : { guards, records: recordsOf(frozen) },
  }
}

function slotOf(
  { open, row }: RowPlace,
  output: Output,
  letters: readonly DeadLetter[],
): Omit<InspectedSlot, 'whyNot'> {
  const { slots, storedTexts, refused } = open.rows
  const { column } = output
  const held = slots.held(row, column)
  const isEmpty = isNothing(held)
  const letter = letters.find(({ subject }) => subject?.slot === String(column))
  const isRefused = refused.has(row, column) || letter !== undefined
  return {
    mapping: output.id,
    kind: output.kind,
    target: targetOf(output.encoding),
    digest: isEmpty ? null : digestHex(held),
    timeMs: held.time > 0 ? held.time : null,
    run: isEmpty ? null : open.rows.runOf(row, column) || null,
    value: storedTexts.get(row, column) ?? null,
    known: isEmpty ? null : knownText(held),
    member: output.isMembership ? isSameDigest(held, MEMBER) : null,
    refused: isRefused
      ? letter === undefined
        ? 'the mapping cannot take it: engage-sync dead-letters says why'
        : `${letter.code}: ${letter.message}`
      : null,
  }
}

/** The few values that their digests tell. */
function knownText(held: Digest): InspectedSlot['known'] {
  if (isSameDigest(held, NO_VALUE)) return 'unset'
  if (isSameDigest(held, MEMBER)) return 'true'
  return isSameDigest(held, NO_MEMBER) ? 'false' : null
}
