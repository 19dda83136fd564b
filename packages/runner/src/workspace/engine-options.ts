import { closest, SyncError } from '@engage-sync/core'
import type { CompiledSync, NormalisedSync } from '@engage-sync/core'
import { INCREMENTAL, REREAD, RESEND, resendOf, someSyncs, someUsers } from '../engine/index.ts'
import type { EngineOptions, RunKind, UnselectedSync } from '../engine/index.ts'
import type { Io } from '../process/io.ts'
import { originOf } from './environment/origin.ts'
import { readOnlyUsers } from './files/only-users.ts'
import { namesOf } from './files/user-names.ts'
import type { Workspace } from './open-workspace.ts'

/** What the command line says of how the engine works. */
export interface EngineFlags {
  /** One user, or a file of them. */
  readonly only?: string
  readonly reread?: boolean
  /** True: of every mapping. */
  readonly resend?: boolean | readonly string[]
  /** Guards that are let pass. */
  readonly allow?: readonly string[]
  /** How long another run's lease is waited for, seconds. */
  readonly wait?: number
  /** Bytes. */
  readonly memoryBudget?: number
}

/** The engine's options for a workspace and a command line, without an observer. */
export function engineOptions(
  io: Io,
  flags: EngineFlags,
  workspace: Workspace,
): Omit<EngineOptions, 'observe'> {
  const { environment, config, syncs, sources, createDecoder, decodeAhead, store, braze } =
    workspace
  return {
    environment: environment.name,
    syncs,
    configured: config.syncs.map(({ name }) => name),
    sources,
    createDecoder,
    decodeAhead,
    destination: braze.destination,
    store,
    guards: environment.guards,
    onUnknown: environment.onUnknown,
    deadLetterDays: environment.state.deadLetterDays,
    keepValues: environment.state.keepValues,
    allow: flags.allow ?? [],
    kind: someSyncs(unselectedOf(config.syncs, syncs), kindOf(flags, io, syncs)),
    ...originOf(io.env, config.root),
    now: io.now,
    signal: io.signal,
    waitForLeaseMs: (flags.wait ?? 0) * 1000,
    memoryBudgetBytes: flags.memoryBudget,
    onDelete: new Map(
      config.syncs.map(({ name, onDelete }) => [name, onDelete ?? environment.onDelete]),
    ),
  }
}

function kindOf(
  { reread, resend = false, only }: EngineFlags,
  { cwd }: Io,
  syncs: readonly CompiledSync[],
): RunKind {
  const whole = reread === true ? REREAD : INCREMENTAL
  const kind = resend === false ? whole : resendKind(resend, syncs)
  const users = readOnlyUsers(only, cwd)
  if (users === null) return kind
  return someUsers(new Set([...users].flatMap((user) => namesOf(user, syncs))), kind)
}

/** @throws {SyncError} `USAGE_RESEND` for a mapping that no sync of the run has */
function resendKind(resend: true | readonly string[], syncs: readonly CompiledSync[]): RunKind {
  if (resend === true) return RESEND
  const known = syncs.flatMap(({ mappings, segments }) =>
    [...mappings, ...segments].map(({ id }) => id),
  )
  const unknown = resend.find((id) => !known.includes(id))
  if (unknown === undefined) return resendOf(new Set(resend))
  const near = closest(unknown, known)
  throw new SyncError('USAGE_RESEND', `No sync of this run has a mapping ${unknown}`, {
    hint: near === null ? 'See `engage-sync state list` for their ids.' : `Did you mean "${near}"?`,
  })
}

/** Enabled syncs that are not among those chosen. */
function unselectedOf(
  all: readonly NormalisedSync[],
  chosen: readonly CompiledSync[],
): readonly UnselectedSync[] {
  const names = new Set(chosen.map(({ name }) => name))
  return all.flatMap(({ name, enabled, source }) =>
    enabled && !names.has(name) ? [{ name, source: source.name }] : [],
  )
}
