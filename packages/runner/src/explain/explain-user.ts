import { explanationLines, maskUser } from '@engage-sync/core'
import type { CompiledSync, StateStore } from '@engage-sync/core'
import { inspectUser } from '../engine/index.ts'
import type { InspectedUser } from '../engine/index.ts'
import type { Io } from '../process/io.ts'
import { renderJson } from '../output/formats/json.ts'
import { countOf } from '../output/text/numbers.ts'
import { safeLine } from '../output/text/safe-text.ts'

/** Whom to explain, and how. */
export interface UserExplanation {
  readonly store: StateStore
  readonly syncs: readonly CompiledSync[]
  readonly user: string
  readonly format: 'human' | 'json'
  /** Whether kept values, which are personal data, are printed. */
  readonly showValues: boolean
}

/**
 * Writes why a user has what it has: each mapping with what was last delivered and when, what was
 * refused, and each segment's filter with yes or no at every condition. False when the state knows
 * no such user.
 */
export async function explainUser(
  io: Io,
  { store, syncs, user, format, showValues }: UserExplanation,
): Promise<boolean> {
  const found = await inspectUser({ store, syncs, nowMs: io.now() }, user)
  const shown = showValues ? found : found.map(withoutValues)
  if (format === 'json') io.stdout.write(renderJson({ version: 1, users: shown }))
  else
    for (const each of shown) io.stdout.write(`${userLines(user, each).map(safeLine).join('\n')}\n`)
  return found.length > 0
}

function withoutValues(user: InspectedUser): InspectedUser {
  return {
    ...user,
    promotedTo: user.promotedTo === null ? null : maskUser(user.promotedTo),
    slots: user.slots.map((slot) => ({ ...slot, value: null })),
  }
}

function userLines(
  user: string,
  { kind, isKnownToBraze, promotedTo, waiting, slots, segments }: InspectedUser,
): string[] {
  const lines = [
    `${maskUser(user)} (${kind}) · ${isKnownToBraze ? 'delivered to Braze' : 'nothing delivered yet'}`,
  ]
  if (promotedTo !== null) lines.push(`  promoted to ${promotedTo}; everything goes there`)
  if (waiting !== null)
    lines.push(
      `  waiting for the next run, which tries again by itself: ${countOf(waiting.records, 'record')}, last tried ${waiting.lastTried}`,
    )
  for (const slot of slots) {
    if (slot.timeMs === null && slot.refused === null) continue
    const held =
      slot.member === null
        ? (slot.value ?? slot.digest ?? 'nothing')
        : slot.member
          ? 'member'
          : 'no member'
    const when =
      slot.timeMs === null ? '' : `, by an event of ${new Date(slot.timeMs).toISOString()}`
    const run = slot.run === null ? '' : `, delivered by run ${slot.run}`
    lines.push(`  ${slot.mapping} → ${slot.kind} ${slot.target}`, `    ${held}${when}${run}`)
    if (slot.refused !== null) lines.push(`    refused, and not tried again: ${slot.refused}`)
  }
  for (const { segment, member, filter, dueMs } of segments) {
    lines.push(
      `  ${segment}: ${member ? 'member' : 'no member'}`,
      ...explanationLines(filter).map((line) => `    ${line}`),
    )
    if (dueMs !== null)
      lines.push(`    time alone may change this at ${new Date(dueMs).toISOString()}`)
  }
  return lines
}
