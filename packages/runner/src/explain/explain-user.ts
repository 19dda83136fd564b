import { explanationLines, maskUser, readMappingId } from '@engage-sync/core'
import type { CompiledSync, StateStore } from '@engage-sync/core'
import { inspectUser, NOT_READ } from '../engine/index.ts'
import type { InspectedSlot, InspectedUser } from '../engine/index.ts'
import type { Io } from '../process/io.ts'
import { renderJson } from '../output/formats/json.ts'
import { coloursFor } from '../output/text/colours.ts'
import type { Colours } from '../output/text/colours.ts'
import { countOf, formatInstant } from '../output/text/numbers.ts'
import { namesOf } from '../workspace/files/user-names.ts'
import { safeLine } from '../output/text/safe-text.ts'
import { allowCommand } from '../process/allow-command.ts'

/** Whom to explain, and how. */
export interface UserExplanation {
  /** Name of the environment. */
  readonly environment: string
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
  { environment, store, syncs, user, format, showValues }: UserExplanation,
): Promise<boolean> {
  const parts = { store, syncs, nowMs: io.now(), withValues: showValues }
  const found: InspectedUser[] = []
  for (const name of namesOf(user, syncs)) found.push(...(await inspectUser(parts, name)))
  const shown = showValues ? found : found.map(withoutIdentifiers)
  if (format === 'json') io.stdout.write(renderJson({ version: 1, users: shown }))
  else {
    const how = { environment, showValues, colours: coloursFor(io.stdout, io.env) }
    const blocks = shown.map((each) => userLines(user, each, how).join('\n'))
    if (blocks.length > 0) io.stdout.write(`${blocks.join('\n\n')}\n${valuesNote(shown, how)}`)
  }
  return found.length > 0
}

function withoutIdentifiers(user: InspectedUser): InspectedUser {
  return { ...user, promotedTo: user.promotedTo === null ? null : maskUser(user.promotedTo) }
}

interface Telling {
  readonly environment: string
  readonly showValues: boolean
  readonly colours: Colours
}

function userLines(
  user: string,
  { kind, isKnownToBraze, promotedTo, waiting, held, slots, segments }: InspectedUser,
  how: Telling,
): readonly string[] {
  const { colours } = how
  const presence = isKnownToBraze ? 'delivered to Braze' : 'nothing delivered yet'
  const name = safeLine(how.showValues ? user : maskUser(user))
  const lines = [`${colours.bold(name)} (${safeLine(kind)}) · ${presence}`]
  if (promotedTo !== null)
    lines.push(`  promoted to ${safeLine(promotedTo)}; everything goes there`)
  if (waiting !== null)
    lines.push(
      `  waiting for the next run, which tries again by itself: ${countOf(waiting.records, 'record')}, last tried ${waiting.lastTried}`,
    )
  if (held !== null) lines.push(heldLine(held, how.environment))
  const decided = new Map(segments.map((segment) => [segment.segment, segment]))
  const mappings = [...Map.groupBy(slots, ({ mapping }) => mapping)]
  const isUnseen = ([id, own]: (typeof mappings)[number]) =>
    !decided.has(id) && own.every(saysNothing)
  for (const [mapping, own] of mappings.filter((each) => !isUnseen(each))) {
    const segment = decided.get(mapping)
    lines.push('', ...mappingLines(mapping, own, how))
    if (segment !== undefined) lines.push(...segmentLines(segment))
  }
  for (const segment of segments.filter(({ segment: id }) => mappings.every(([own]) => own !== id)))
    lines.push('', `  ${colours.bold(safeLine(segment.segment))}`, ...segmentLines(segment))
  return [
    ...lines,
    ...unseenLines(mappings.map((each) => ({ id: each[0], isUnseen: isUnseen(each) }))),
  ]
}

/** What guards of a server hold, and what lets it go on. */
function heldLine(
  { guards, records }: NonNullable<InspectedUser['held']>,
  environment: string,
): string {
  const ids = guards.map((guard) => guard.slice(guard.indexOf('=') + 1))
  const waits = records === 0 ? '' : `, with ${countOf(records, 'record')}`
  return `  held by a guard until it is allowed: ${safeLine(ids.join(', '))}${waits}; if it is meant: ${safeLine(allowCommand(guards, environment))}`
}

/** Nothing was read, and so there is nothing to tell but that. */
function saysNothing({ timeMs, refused, whyNot, known }: InspectedSlot): boolean {
  if (timeMs !== null || refused !== null) return false
  return whyNot === NOT_READ || (whyNot === null && known !== 'true')
}

/** What no record was read of, a line a sync. */
function unseenLines(
  mappings: readonly { readonly id: string; readonly isUnseen: boolean }[],
): readonly string[] {
  const bySync = Map.groupBy(mappings, ({ id }) => readMappingId(id).sync)
  const lines = [...bySync].flatMap(([sync, own]) => {
    const unseen = own.filter((one) => one.isUnseen)
    if (unseen.length === 0) return []
    const keys = unseen.map(({ id }) => safeLine(id.slice(sync.length + 1)))
    return unseen.length === own.length
      ? [
          `  ${safeLine(sync)}: no record of this user was read, so it sends nothing, and its segments do not hold`,
        ]
      : [`  ${safeLine(sync)}: no record of this user was read for ${keys.join(', ')}`]
  })
  return lines.length === 0 ? [] : ['', ...lines]
}

/** What a mapping sent, place by place in Braze; of one that sent nothing at all, why once. */
function mappingLines(
  mapping: string,
  slots: readonly InspectedSlot[],
  { colours }: Telling,
): readonly string[] {
  const whys = new Set(slots.map(({ whyNot }) => whyNot))
  const [why = null] = whys
  const head = `  ${colours.bold(safeLine(mapping))}`
  if (whys.size === 1 && why !== null) {
    const targets = slots.map(({ kind, target }) => safeLine(`${kind} ${target}`)).join(', ')
    return [head, `    ${targets}`, `      not sent: ${why}`]
  }
  return [
    head,
    ...slots.flatMap((slot) => [
      `    ${safeLine(`${slot.kind} ${slot.target}`)}`,
      ...slotLines(slot).map((line) => `      ${safeLine(line)}`),
    ]),
  ]
}

function slotLines(slot: InspectedSlot): readonly string[] {
  const { timeMs, run, refused, whyNot } = slot
  if (whyNot !== null) return [`not sent: ${whyNot}`]
  const parts = [
    heldText(slot),
    ...(timeMs === null ? [] : [`event of ${formatInstant(timeMs)} UTC`]),
    ...(run === null ? [] : [`run ${run}`]),
  ]
  return [
    parts.join(' · '),
    ...(refused === null ? [] : [`refused, and not tried again: ${refused}`]),
  ]
}

/** Members and no members, true and false tell nothing of a person; other values are kept and asked for, or not. */
function heldText({ kind, member, known, value, digest }: InspectedSlot): string {
  if (kind === 'cohort' && member !== null) return member ? 'member' : 'no member'
  if (kind === 'event' && digest !== null) return 'sent'
  if (known !== null) return known
  if (value !== null) return value
  return digest === null ? 'nothing' : `a value, digest ${digest}`
}

/** What to do about values that are not there. */
function valuesNote(found: readonly InspectedUser[], { showValues, colours }: Telling): string {
  const isHidden = found.some(({ slots }) =>
    slots.some(
      ({ kind, digest, known, value }) =>
        kind === 'attribute' && digest !== null && known === null && value === null,
    ),
  )
  if (!isHidden) return ''
  const note = showValues
    ? 'The state does not keep these values: see keep_values of state.'
    : 'Values are left out: --show-values prints those that the state keeps.'
  return `\n${colours.dim(note)}\n`
}

function segmentLines({
  member,
  filter,
  dueMs,
  isBehind,
}: InspectedUser['segments'][number]): readonly string[] {
  if (isBehind) return ['    its conditions are new or changed: the next run looks at them']
  return [
    `    by its conditions: ${member ? 'member' : 'no member'}`,
    ...explanationLines(filter).map((line) => `      ${safeLine(line)}`),
    ...(dueMs === null ? [] : [`      time alone may change this at ${formatInstant(dueMs)} UTC`]),
  ]
}
