import {
  isNothing,
  isSameDigest,
  MEMBER,
  maskUser,
  NO_MEMBER,
  NO_VALUE,
  wholeUser,
  zip,
} from '@engage-sync/core'
import type { Digest } from '@engage-sync/core'
import { targetOf } from '../engine/index.ts'
import type { PlanListener } from '../engine/index.ts'

/** What one user would get, without values: names and types only, the identifier shortened. */
export interface PlanSample {
  readonly user: string
  /**
   * `value`: what it becomes. `before`: what Braze has of us: `nothing`, `unset`, `true`, `false`,
   * its type where the state keeps values, else `another value`.
   */
  readonly attributes: readonly {
    readonly name: string
    readonly before: string
    readonly value: string
  }[]
  readonly events: readonly string[]
  readonly cohorts: readonly { readonly name: string; readonly member: boolean }[]
}

type SampledRow = Parameters<NonNullable<PlanListener['onRow']>>[0]

/** A sample as it may be shown, and as it is. */
interface Sampled {
  /** What it does, by names: samples of one shape tell the same. */
  readonly shape: string
  readonly rank: number
  readonly masked: PlanSample
  readonly whole: PlanSample | null
}

/** How many of a plan's rows are looked at for samples that differ. */
const MOST_LOOKED_AT = 5_000

/** Which samples are wanted. */
export interface SampleOptions {
  /** Whether values and whole identifiers are kept beside. Default false. */
  readonly withValues?: boolean
}

/**
 * Collects a few users a plan changes: of those it looks at, such that each tells something else
 * than the ones before; memberships that end, and what the change of configuration does, first.
 */
export class SampleCollector implements PlanListener {
  readonly #most: number
  readonly #withValues: boolean
  #rows = 0
  /** By shape, the first of each. */
  #different = new Map<string, Sampled>()
  /** More of shapes that are there already. */
  #others: Sampled[] = []

  constructor(most: number, { withValues = false }: SampleOptions = {}) {
    this.#most = most
    this.#withValues = withValues
  }

  /** What was collected since the plan began anew. */
  get samples(): readonly PlanSample[] {
    return this.#chosen().map(({ masked }) => masked)
  }

  /** The same with values and whole identifiers, which are personal data; none unless they were asked for. */
  get whole(): readonly PlanSample[] {
    return this.#chosen().flatMap(({ whole }) => whole ?? [])
  }

  /** Forgets what belonged to a cut that did not fit. */
  readonly onStart = (): void => {
    this.#rows = 0
    this.#different = new Map()
    this.#others = []
  }

  /** Takes a row into the samples while there is room. */
  readonly onRow: NonNullable<PlanListener['onRow']> = (row) => {
    this.#rows += 1
    if (this.#rows > MOST_LOOKED_AT && this.#different.size + this.#others.length >= this.#most)
      return
    const shape = shapeOf(row)
    const isKnown = this.#different.has(shape)
    if (isKnown && this.#others.length >= this.#most) return
    const sampled = this.#sample(row, shape)
    if (isKnown) this.#others.push(sampled)
    else this.#different.set(shape, sampled)
  }

  #sample(row: SampledRow, shape: string): Sampled {
    return {
      shape,
      rank: rankOf(row),
      masked: sampleOf(row, { user: maskUser, value: kindOf }),
      whole: this.#withValues ? sampleOf(row, { user: wholeUser, value: textOf }) : null,
    }
  }

  #chosen(): readonly Sampled[] {
    const first = [...this.#different.values()].toSorted((a, b) => b.rank - a.rank)
    return [...first, ...this.#others].slice(0, this.#most)
  }
}

/** Memberships tell users apart best: of those who move alike, one is enough. */
function shapeOf({ update, isNew }: SampledRow): string {
  const moves = update.memberships.map(({ cohortId, member }) => [cohortId, member])
  const what = moves.length > 0 ? moves : update.attributeNames.toSorted()
  return JSON.stringify([isNew, what])
}

/** What the change of configuration does, then who leaves, then who gets the most. */
function rankOf({ update, isNew }: SampledRow): number {
  const leaves = update.memberships.filter(({ member }) => !member).length
  const parts =
    update.attributeEntries.length + update.eventEntries.length + update.memberships.length
  return (isNew ? 1e6 : 0) + leaves * 1e3 + parts
}

/** How identifiers and values are told. */
interface Telling {
  readonly user: (id: string) => string
  readonly value: (value: unknown) => string
}

function sampleOf({ open, row, update }: SampledRow, { user, value }: Telling): PlanSample {
  const sent = JSON.parse(`{${update.attributes ?? ''}}`) as Record<string, unknown>
  const { slots, storedTexts } = open.rows
  return {
    user: user(open.rows.idText(row)),
    attributes: update.attributeEntries.map(({ entry, output }) => {
      const { encoding, column } = output
      const kept = storedTexts.get(row, column)
      const before = open.pending.before(entry)
      const after =
        encoding.kind === 'attribute' && encoding.element === null
          ? valueAt(sent, encoding)
          : undefined
      return {
        name: `${encoding.kind === 'subscription' ? 'subscription group ' : ''}${targetOf(encoding)}`,
        before: knownOf(before) ?? (kept === undefined ? 'another value' : value(JSON.parse(kept))),
        value: after === undefined ? (knownOf(slots.held(row, column)) ?? 'a value') : value(after),
      }
    }),
    events: update.eventEntries.map(({ name }) => name),
    cohorts: zip(update.membershipEntries, update.memberships).map(([{ output }, { member }]) => ({
      name: output.encoding.name,
      member,
    })),
  }
}

/** The few values that a digest tells, and nobody is known by. */
function knownOf(held: Digest): string | null {
  if (isNothing(held)) return 'nothing'
  if (isSameDigest(held, NO_VALUE)) return 'unset'
  if (isSameDigest(held, MEMBER)) return 'true'
  return isSameDigest(held, NO_MEMBER) ? 'false' : null
}

function valueAt(
  sent: Readonly<Record<string, unknown>>,
  { name, path }: { readonly name: string; readonly path: readonly string[] },
): unknown {
  let at = sent[name]
  for (const key of path)
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined
  return at
}

/** A value as it is, on one line. */
function textOf(value: unknown): string {
  return value === null ? 'unset' : typeof value === 'string' ? value : JSON.stringify(value)
}

/** Booleans and nulls tell nothing of a person; everything else is told by its type. */
function kindOf(value: unknown): string {
  if (value === null) return 'unset'
  if (typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return `array of ${value.length}`
  if (typeof value === 'string') return TIME.test(value) ? 'time' : 'string'
  if (typeof value !== 'object') return typeof value
  return 'add' in value ? 'adds' : 'remove' in value ? 'removes' : 'object'
}

/** What Braze takes as a time: ISO 8601. */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/
