import {
  inNaturalOrder,
  nameCountId,
  PARTITIONS,
  readPartition,
  userOfRow,
  zip,
} from '@engage-sync/core'
import type {
  CompiledSync,
  Destination,
  ExportedUser,
  Json,
  RunProgram,
  StateStore,
  UserRef,
} from '@engage-sync/core'
import { resolveMappings } from '../mappings/index.ts'
import { compareAttribute } from './compare-attribute.ts'
import type { AttributeOutput, ComparedRow } from './compare-attribute.ts'

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
  /** Users the destination does not know, and each that holds something else: personal data. */
  readonly differences: readonly Difference[]
}

/** One user who differs. */
export interface Difference {
  readonly user: UserRef
  /** Null for a user the destination does not know. */
  readonly mapping: string | null
  /** Undefined where the state knows a digest alone, and of events. */
  readonly delivered: Json | undefined
  readonly holds: Json | undefined
}

/** What is found, as it is found. */
interface Findings {
  readonly tally: Map<string, VerifiedMapping>
  readonly differences: Difference[]
}

/** The destination exports events of the last 90 days; a day less is safe. */
export const EVENT_AGE_MS = 89 * 86_400_000

/**
 * Compares what was delivered to a sample of users with what the destination exports of them.
 *
 * Attributes by digest of their encoded value, or by the set of their elements; events by number;
 * cohorts cannot be exported.
 */
export async function verifySample(parts: VerifyParts, sample: number): Promise<Verification> {
  const { program } = await resolveMappings(parts.store, parts.syncs, { nowMs: parts.nowMs })
  const { users, chosen } = await chooseRows(parts, program, sample)
  const attributes = attributeOutputs(program)
  const names = [...new Set(attributes.map(({ encoding }) => encoding.name))]
  const findings: Findings = { tally: new Map(), differences: [] }
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
      if (!user.found) {
        missing++
        note(findings, { user: user.user, mapping: null, delivered: undefined, holds: undefined })
      }
      for (const output of attributes) verifyAttribute(findings, sampled, { output, user })
      verifyEvents(findings, sampled, { program, user, nowMs: parts.nowMs })
    }
  }
  const mappings = [...findings.tally.values()].sort((a, b) => inNaturalOrder(a.mapping, b.mapping))
  return { users, sampled: chosen.length, missing, mappings, differences: findings.differences }
}

/** Every user with the same chance, in one look at each partition. */
async function chooseRows(
  { store, random }: VerifyParts,
  program: RunProgram,
  sample: number,
): Promise<{ users: number; chosen: ComparedRow[] }> {
  const chosen: ComparedRow[] = []
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

function attributeOutputs(program: RunProgram): readonly AttributeOutput[] {
  return program.outputs.flatMap((output) => (output?.kind === 'attribute' ? [output] : []))
}

function entryOf({ tally }: Findings, mapping: string): VerifiedMapping {
  let entry = tally.get(mapping)
  if (entry === undefined) {
    entry = { mapping, compared: 0, different: 0 }
    tally.set(mapping, entry)
  }
  return entry
}

function note({ differences }: Findings, difference: Difference): void {
  differences.push(difference)
}

function verifyAttribute(
  findings: Findings,
  sampled: ComparedRow,
  { output, user }: { readonly output: AttributeOutput; readonly user: ExportedUser },
): void {
  const compared = compareAttribute(sampled, output, user)
  if (compared === null) return
  const entry = entryOf(findings, output.id)
  entry.compared++
  if (compared.isSame) return
  entry.different++
  const { delivered, holds } = compared
  if (user.found) note(findings, { user: user.user, mapping: output.id, delivered, holds })
}

/** Others may send events of the same name, so only fewer than we delivered is a difference. */
function verifyEvents(
  findings: Findings,
  { partition, row }: ComparedRow,
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
      const mapping = `${output.id} (${name})`
      const entry = entryOf(findings, mapping)
      const holds = user.events.get(name)?.count ?? 0
      entry.compared++
      if (holds >= delivered) continue
      entry.different++
      if (user.found) note(findings, { user: user.user, mapping, delivered, holds })
    }
  }
}
