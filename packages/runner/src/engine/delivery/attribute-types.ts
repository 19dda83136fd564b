import {
  ATTRIBUTE_TYPES,
  attributeTypeOf,
  isTakenAs,
  mayReadAsDate,
  Reasons,
  readsAsDate,
} from '@engage-sync/core'
import type {
  AttributeType,
  FoldProgram,
  OpenPartition,
  Output,
  PendingOutput,
  RunProgram,
} from '@engage-sync/core'
import type { StoredValue } from '../../state/values/named-value.ts'
import { deliveredTypes } from '../../state/values/values.ts'
import type { DeliveredTypes } from '../../state/values/values.ts'

/** Values Braze does not take for an attribute, whose type is that of the first value. */
const OTHER_TYPE = 'DELIVERED_OTHER_TYPE'
/** Texts Braze reads as dates, where texts are wanted. */
const TEXT_AS_TIME = 'DELIVERED_TEXT_AS_TIME'
/** Around a text, bytes. */
const QUOTES = 2
/** Attributes an example names. */
const MOST_NAMED = 5

/** What is known of one attribute, whatever writes it. */
interface Tally {
  readonly name: string
  first: AttributeType | null
  readonly counts: Record<AttributeType, number>
  dropped: number
  /** Of this run: values that Braze does not take, by type; and texts it reads as dates. */
  readonly others: Record<AttributeType, number>
  othersInAll: number
  textsAsTimes: number
  isDirty: boolean
}

/** How the values of a column are told apart. */
interface ColumnTypes {
  readonly tally: Tally
  /** All of them, where the mapping or its way of writing says so; null where each is looked at. */
  readonly fixed: AttributeType | null
  /** It wants texts, whatever they look like. */
  readonly isText: boolean
}

/**
 * Counts the JSON types of what is delivered, by attribute name.
 *
 * Braze gives a custom attribute the type of its first value, and drops in silence what it cannot
 * turn into that. So nothing is refused here, and all of it is told.
 */
export class AttributeTypes {
  readonly #tallies = new Map<string, Tally>()
  readonly #byColumn: readonly (ColumnTypes | null)[]
  readonly #known: ReadonlyMap<string, DeliveredTypes>
  #dirty: Tally[] = []

  /** @param known - what the state holds, by attribute name */
  constructor({ fold, outputs }: RunProgram, known: ReadonlyMap<string, DeliveredTypes>) {
    this.#known = known
    this.#byColumn = outputs.map((output) =>
      output === undefined ? null : this.#column(fold, output),
    )
  }

  /** Notes a value that is delivered, or would be. */
  note(
    { pending }: OpenPartition,
    { output, entry }: Pick<PendingOutput, 'output' | 'entry'>,
  ): void {
    const column = this.#byColumn[output.column] ?? null
    if (column === null) return
    const seen = attributeTypeOf(pending.firstByte(entry), pending.secondByte(entry))
    if (seen === null) return
    const isDate =
      seen === 'string' &&
      column.fixed === null &&
      mayReadAsDate(pending.secondByte(entry), pending.lengthOf(entry) - QUOTES) &&
      readsAsDate(pending.text(entry).slice(1, -1))
    const type = column.fixed ?? (isDate ? 'time' : seen)
    const { tally } = column
    tally.first ??= type
    tally.counts[type]++
    if (isDate && column.isText && tally.first === 'time') tally.textsAsTimes++
    if (type !== tally.first && !isTakenAs(tally.first, { type, text: pending.text(entry) })) {
      tally.dropped++
      tally.othersInAll++
      tally.others[type]++
    }
    if (tally.isDirty) return
    tally.isDirty = true
    this.#dirty.push(tally)
  }

  /** What changed since it was asked last: to become durable with the rows it was noted of. */
  takeStored(): readonly StoredValue[] {
    if (this.#dirty.length === 0) return []
    const dirty = this.#dirty
    this.#dirty = []
    return dirty.map((tally) => {
      tally.isDirty = false
      const { name, first, counts, dropped } = tally
      return deliveredTypes.stored(name, { first: first!, counts: counted(counts), dropped })
    })
  }

  /** Forgets what was noted: a plan begins anew. */
  restart(): void {
    for (const tally of this.#tallies.values()) Object.assign(tally, this.#tallyOf(tally.name))
  }

  /** What of it Braze drops, or reads otherwise than it is meant. */
  get reasons(): Reasons {
    const reasons = new Reasons()
    const told = [...this.#tallies.values()]
    const others = told.filter(({ othersInAll }) => othersInAll > 0)
    const texts = told.filter(({ textsAsTimes }) => textsAsTimes > 0)
    if (others.length > 0)
      reasons.add(
        OTHER_TYPE,
        named(others, otherTypes),
        sum(others, ({ othersInAll }) => othersInAll),
      )
    if (texts.length > 0)
      reasons.add(
        TEXT_AS_TIME,
        named(texts, textsAsTimes),
        sum(texts, (one) => one.textsAsTimes),
      )
    return reasons
  }

  #column(fold: FoldProgram, output: Output): ColumnTypes | null {
    if (output.kind !== 'attribute' || output.encoding.standard) return null
    const { name, path, mode } = output.encoding
    const tally = this.#tallies.get(name) ?? this.#tallyOf(name)
    this.#tallies.set(name, tally)
    const type = fold.slotByColumn[output.column]?.mapping.type ?? null
    return { tally, fixed: fixedType(path, mode, type), isText: type === 'string' }
  }

  #tallyOf(name: string): Tally {
    const { first = null, counts = {}, dropped = 0 } = this.#known.get(name) ?? {}
    const ofRun = { others: { ...NONE }, othersInAll: 0, textsAsTimes: 0, isDirty: false }
    return { name, first, counts: { ...NONE, ...counts }, dropped, ...ofRun }
  }
}

/** Nothing of any type: counting for every value, an object of one shape is counted in fastest. */
const NONE = Object.fromEntries(ATTRIBUTE_TYPES.map((type) => [type, 0])) as Readonly<
  Record<AttributeType, number>
>

/** Counts of the types that came at all. */
function counted(
  counts: Readonly<Record<AttributeType, number>>,
): Partial<Record<AttributeType, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
}

/** A member of an object makes its attribute an object; elements make an array; times are times. */
function fixedType(
  path: readonly string[],
  mode: string,
  type: string | null,
): AttributeType | null {
  if (path.length > 0) return 'object'
  if (mode === 'element') return 'array'
  if (mode === 'objects-by-id') return 'objects'
  return type === 'time' ? 'time' : null
}

function named(tallies: readonly Tally[], text: (tally: Tally) => string): string {
  const rest = tallies.length - MOST_NAMED
  const names = tallies.slice(0, MOST_NAMED).map(text)
  return [...names, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ')
}

function otherTypes({ name, first, others }: Tally): string {
  const counts = Object.entries(counted(others)).map(([type, count]) => `${count} ${type}`)
  return `${name} is ${first} by its first value, and got ${counts.join(', ')}`
}

function textsAsTimes({ name, textsAsTimes: count }: Tally): string {
  return `${name} is a time by its first value, and got ${count} texts that look like dates`
}

function sum(tallies: readonly Tally[], of: (tally: Tally) => number): number {
  return tallies.reduce((total, tally) => total + of(tally), 0)
}
