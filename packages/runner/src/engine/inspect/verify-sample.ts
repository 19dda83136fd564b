import {
  canonicalText,
  digestOf,
  inNaturalOrder,
  isNothing,
  isSameDigest,
  MEMBER,
  nameCountId,
  NO_VALUE,
  PARTITIONS,
  readPartition,
  userOfRow,
  zip,
} from '@engage-sync/core'
import type {
  AttributeEncoding,
  CompiledSync,
  Destination,
  Digest,
  ExportedUser,
  Json,
  OutputOf,
  Partition,
  RunProgram,
  StateStore,
} from '@engage-sync/core'
import { resolveMappings } from '../mappings/index.ts'

/** What verifying needs. */
export interface VerifyParts {
  readonly store: StateStore
  readonly destination: Destination
  readonly syncs: readonly CompiledSync[]
  readonly signal: AbortSignal
  readonly nowMs: number
  /** From 0 up to, not including, 1. */
  readonly random: () => number
}

/** How one mapping compares over the sample. */
export interface VerifiedMapping {
  readonly mapping: string
  /** Users whose value was compared. */
  compared: number
  /** Of these, users where the destination holds something else, or nothing. */
  different: number
}

/** How a sample of users compares with what was delivered. */
export interface Verification {
  /** Users this state delivered something to, and how many were asked for. */
  readonly users: number
  readonly sampled: number
  /** Users the destination does not know. */
  readonly missing: number
  readonly mappings: readonly VerifiedMapping[]
}

type AttributeOutput = OutputOf<'attribute'>

interface Sampled {
  readonly partition: Partition
  readonly row: number
}

/** The destination exports events of the last 90 days; a day less is safe. */
const EVENT_AGE_MS = 89 * 86_400_000

/**
 * Compares what was delivered to a sample of users with what the destination exports of them.
 *
 * Attributes by digest of their encoded value, events by number; cohorts cannot be exported. Values
 * are compared here and told nowhere.
 */
export async function verifySample(parts: VerifyParts, sample: number): Promise<Verification> {
  const { program } = await resolveMappings(parts.store, parts.syncs, { nowMs: parts.nowMs })
  const { users, chosen } = await chooseRows(parts, program, sample)
  const attributes = attributeOutputs(program)
  const names = [...new Set(attributes.map(({ encoding }) => encoding.name))]
  const tally = new Map<string, VerifiedMapping>()
  let missing = 0
  const most = parts.destination.limits.usersPerExport
  for (let from = 0; from < chosen.length; from += most) {
    const batch = chosen.slice(from, from + most)
    const refs = batch.map(({ partition, row }) => userOfRow(partition, row))
    const exported = await parts.destination.exportUsers(
      refs,
      { attributes: names, events: true },
      parts.signal,
    )
    for (const [sampled, user] of zip(batch, exported)) {
      if (!user.found) missing++
      for (const output of attributes) compareAttribute(tally, sampled, { output, user })
      compareEvents(tally, sampled, { program, user, nowMs: parts.nowMs })
    }
  }
  const mappings = [...tally.values()].sort((a, b) => inNaturalOrder(a.mapping, b.mapping))
  return { users, sampled: chosen.length, missing, mappings }
}

/** Every user with the same chance, in one look at each partition. */
async function chooseRows(
  { store, random }: VerifyParts,
  program: RunProgram,
  sample: number,
): Promise<{ users: number; chosen: Sampled[] }> {
  const chosen: Sampled[] = []
  let users = 0
  for (let number = 0; number < PARTITIONS; number++) {
    const partition = readPartition(number, program.fold.layout, await store.loadPartition(number))
    for (let row = 0; row < partition.rows; row++) {
      if (!partition.flags.isCreated(row)) continue
      users++
      if (chosen.length < sample) chosen.push({ partition, row })
      else {
        const place = Math.floor(random() * users)
        if (place < sample) chosen[place] = { partition, row }
      }
    }
  }
  return { users, chosen }
}

/** Attributes whose whole value is known: not those that share an array with others. */
function attributeOutputs(program: RunProgram): readonly AttributeOutput[] {
  return program.outputs.flatMap((output) =>
    output?.kind === 'attribute' && output.encoding.mode !== 'element' ? [output] : [],
  )
}

function entryOf(tally: Map<string, VerifiedMapping>, mapping: string): VerifiedMapping {
  let entry = tally.get(mapping)
  if (entry === undefined) {
    entry = { mapping, compared: 0, different: 0 }
    tally.set(mapping, entry)
  }
  return entry
}

function compareAttribute(
  tally: Map<string, VerifiedMapping>,
  { partition, row }: Sampled,
  { output, user }: { readonly output: AttributeOutput; readonly user: ExportedUser },
): void {
  const held = partition.slots.digest(row, output.column)
  if (isNothing(held)) return
  const entry = entryOf(tally, output.id)
  entry.compared++
  const { encoding } = output
  const wanted = output.isSegment ? encodedDigest(encoding, isSameDigest(held, MEMBER)) : held
  const found = encodedDigest(encoding, valueAt(user.attributes.get(encoding.name), encoding.path))
  if (found === null || wanted === null || !isSameDigest(found, wanted)) entry.different++
}

/** The digest a value has once it is encoded for an attribute; null when it cannot be. */
function encodedDigest({ encode }: AttributeEncoding, value: Json): Digest | null {
  if (value === null) return NO_VALUE
  const encoded = encode(value)
  return encoded.ok ? digestOf(canonicalText(encoded.value)) : null
}

function valueAt(value: unknown, path: readonly string[]): Json {
  let at: unknown = value
  for (const key of path)
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined
  return (at ?? null) as Json
}

/** Others may send events of the same name, so only fewer than we delivered is a difference. */
function compareEvents(
  tally: Map<string, VerifiedMapping>,
  { partition, row }: Sampled,
  {
    program,
    user,
    nowMs,
  }: { readonly program: RunProgram; readonly user: ExportedUser; readonly nowMs: number },
): void {
  const { slots, counts, layout } = partition
  for (const output of program.outputs) {
    if (output?.kind !== 'event') continue
    if (slots.time(row, output.column) < nowMs - EVENT_AGE_MS) continue
    for (const name of output.encoding.names) {
      const delivered = counts.total(row, layout.numberOf(nameCountId(name)))
      if (delivered === 0) continue
      const entry = entryOf(tally, `${output.id} (${name})`)
      entry.compared++
      if ((user.events.get(name)?.count ?? 0) < delivered) entry.different++
    }
  }
}
