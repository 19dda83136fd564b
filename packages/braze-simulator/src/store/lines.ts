import type { Json } from '@engage-sync/contract'
import type { Engine, Pending } from '../engine/index.ts'
import type { AttributeType, DropReason, EventSummary, Points, User } from '../model/index.ts'

/** Version of the file's form. */
export const STORE_FORMAT = 1

/** One line of a store: the state as it was, then what happened since. */
export type StoreLine =
  | {
      readonly line: 'head'
      readonly format: number
      readonly touches: number
      readonly lastRequest: number
      /** Absent in files of versions that did not keep it. */
      readonly forgottenRequests?: number
      readonly points: Points
      readonly written: Engine['workspace']['written']
      readonly drops: readonly (readonly [DropReason, number])[]
      readonly types: readonly (readonly [string, AttributeType])[]
    }
  | {
      readonly line: 'cohort'
      readonly id: string
      readonly name: string | null
      readonly createdAt: string | null
    }
  | { readonly line: 'user'; readonly user: UserLine }
  | { readonly line: 'work'; readonly pending: Pending }
  | { readonly line: 'settled' | 'reset' }

interface UserLine {
  readonly brazeId: string
  readonly externalId: string | null
  readonly aliases: readonly (readonly [string, string])[]
  readonly standard: readonly (readonly [string, Json])[]
  readonly custom: readonly (readonly [string, Json])[]
  readonly events: readonly (readonly [string, EventSummary])[]
  readonly purchases: readonly (readonly [string, EventSummary])[]
  readonly cohorts: readonly string[]
  readonly devices: readonly string[]
  readonly touched: number
  /** Absent in files of versions that did not keep them. */
  readonly createdAt?: number | null
  readonly deprecatedIds?: readonly string[]
  readonly revenue?: number
}

/** The state of an engine, line by line; what waits comes last. */
export function* snapshotLines(engine: Engine): Generator<StoreLine> {
  const { workspace } = engine
  yield {
    line: 'head',
    format: STORE_FORMAT,
    touches: workspace.directory.touches,
    lastRequest: engine.lastRequest,
    forgottenRequests: engine.forgottenRequests,
    points: workspace.points,
    written: workspace.written,
    drops: [...workspace.drops.counts],
    types: [...workspace.types],
  }
  for (const { id, name, createdAt } of workspace.cohorts.values())
    yield { line: 'cohort', id, name, createdAt }
  for (const user of workspace.directory.users) yield { line: 'user', user: userLine(user) }
  for (const pending of engine.pending()) yield { line: 'work', pending }
}

/** Brings an engine one line further. Lines must come in the order they were written. */
export function restoreLine(line: StoreLine, engine: Engine): void {
  if (line.line === 'head') restoreHead(line, engine)
  else if (line.line === 'cohort')
    Object.assign(engine.workspace.cohort(line.id), { name: line.name, createdAt: line.createdAt })
  else if (line.line === 'user') restoreUser(line.user, engine)
  else if (line.line === 'work') restoreWork(line.pending, engine)
  else if (line.line === 'settled') engine.applyDue(Infinity)
  else engine.reset()
}

function restoreWork(pending: Pending, engine: Engine): void {
  engine.applyDue(pending.at - 1)
  engine.lastRequest = Math.max(engine.lastRequest, pending.request)
  engine.enqueue(pending)
}

function restoreHead(head: StoreLine & { line: 'head' }, engine: Engine): void {
  const { workspace } = engine
  workspace.directory.touches = head.touches
  engine.lastRequest = head.lastRequest
  engine.forgottenRequests = head.forgottenRequests ?? 0
  workspace.drops.forgottenUpTo = head.lastRequest
  Object.assign(workspace.points, head.points)
  Object.assign(workspace.written, head.written)
  for (const [reason, count] of head.drops) workspace.drops.counts.set(reason, count)
  for (const [name, type] of head.types) workspace.types.set(name, type)
}

function userLine(user: User): UserLine {
  return {
    brazeId: user.brazeId,
    externalId: user.externalId,
    aliases: [...user.aliases],
    standard: [...user.standard],
    custom: [...user.custom],
    events: [...user.events],
    purchases: [...user.purchases],
    cohorts: [...user.cohorts],
    devices: [...user.devices],
    touched: user.touched,
    createdAt: user.createdAt,
    deprecatedIds: [...user.deprecatedIds],
    revenue: user.revenue,
  }
}

function restoreUser(line: UserLine, { workspace }: Engine): void {
  const user: User = {
    brazeId: line.brazeId,
    externalId: line.externalId,
    deprecatedIds: new Set(line.deprecatedIds),
    aliases: new Map(line.aliases),
    standard: new Map(line.standard),
    custom: new Map(line.custom),
    events: new Map(line.events),
    purchases: new Map(line.purchases),
    cohorts: new Set(line.cohorts),
    devices: new Set(line.devices),
    touched: line.touched,
    createdAt: line.createdAt ?? null,
    revenue: line.revenue ?? 0,
  }
  workspace.directory.add(user)
  for (const id of line.cohorts) workspace.setMember(workspace.cohort(id), user, true)
}
