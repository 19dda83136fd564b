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
  OpenRows,
  partitionOf,
  readSegmentLeaf,
  userKey,
} from '@engage-sync/core'
import type {
  CompiledSync,
  DeadLetter,
  ExplainedNode,
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
import { targetOf } from './target.ts'

/** What the state knows of one encoding of one mapping for a user. */
export interface InspectedSlot {
  readonly mapping: string
  readonly kind: Output['kind']
  /** Attribute, event names, cohort or subscription group. */
  readonly target: string
  /** Digest last delivered, 16 hexadecimal digits; null when nothing was. */
  readonly digest: string | null
  /** Event time of the newest value taken, milliseconds; null for none. */
  readonly timeMs: number | null
  /** The run that delivered it; null when nothing was, or the state does not know. */
  readonly run: number | null
  /** The value last delivered, where the state keeps values. */
  readonly value: string | null
  /** Of memberships: whether the user is a member. */
  readonly member: boolean | null
  /** Why a value was refused, and that it is not tried again; null when none was. */
  readonly refused: string | null
}

/** What the state knows of one segment for a user. */
export interface InspectedSegment {
  readonly segment: string
  readonly member: boolean
  /** The filter with the verdict of every node. */
  readonly filter: ExplainedNode
  /** When the passing of time alone may change it, milliseconds; null when it cannot. */
  readonly dueMs: number | null
}

/** All the state knows of a user. */
export interface InspectedUser {
  /** `external id`, or the label of an alias. */
  readonly kind: string
  /** Something was delivered to this user. */
  readonly isKnownToBraze: boolean
  /** The external id an alias was promoted to; null when it was not. */
  readonly promotedTo: string | null
  /**
   * What waits for the next run, since it was neither delivered nor refused; null when nothing
   * does.
   */
  readonly waiting: { readonly records: number; readonly lastTried: string } | null
  readonly slots: readonly InspectedSlot[]
  readonly segments: readonly InspectedSegment[]
}

/** What inspecting needs. */
export interface InspectParts {
  readonly store: StateStore
  readonly syncs: readonly CompiledSync[]
  readonly nowMs: number
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
  const { program, layout } = await resolveMappings(parts.store, parts.syncs, {
    nowMs: parts.nowMs,
  })
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
    const waiting = waitingOf(mine)
    if (row >= 0) {
      found.push({
        kind: name,
        ...presenceOf({ open, row }, layout),
        waiting,
        slots: slotsOf({ open, row }, program.outputs, mine),
        segments: segmentsOf({ open, row }, program.fold.segments, parts.nowMs),
      })
    } else if (waiting !== null) found.push({ kind: name, ...UNKNOWN_TO_BRAZE, waiting })
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
): readonly InspectedSlot[] {
  const filled = outputs.filter((output) => output !== undefined)
  return filled.filter((output) => !isRetired(output)).map((output) => slotOf(at, output, letters))
}

/** The segments of the syncs that have seen the user. */
function segmentsOf(
  at: RowPlace,
  segments: readonly SegmentProgram[],
  nowMs: number,
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
        filter: explainFilter(filter, (leaf) => readSegmentLeaf(program, leaf, place)),
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
function waitingOf(letters: readonly DeadLetter[]): InspectedUser['waiting'] {
  const waiting = letters.filter(({ stage }) => stage === 'waiting')
  if (waiting.length === 0) return null
  const records = waiting.reduce(
    (sum, { payload }) => sum + decodeDeferred(payload).records.length,
    0,
  )
  return {
    records,
    lastTried: waiting.map(({ at }) => at).reduce((latest, at) => (at > latest ? at : latest)),
  }
}

function slotOf(
  { open, row }: RowPlace,
  output: Output,
  letters: readonly DeadLetter[],
): InspectedSlot {
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
    member: output.isMembership ? isSameDigest(held, MEMBER) : null,
    refused: isRefused
      ? letter === undefined
        ? 'the mapping cannot take it'
        : `${letter.code}: ${letter.message}`
      : null,
  }
}
