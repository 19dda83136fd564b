import type { CompiledSync, NormalisedSync } from '@engage-sync/core'
import { INCREMENTAL, REREAD, RESEND, someSyncs, someUsers } from '../engine/index.ts'
import type { EngineOptions, RunKind, UnselectedSync } from '../engine/index.ts'
import type { Io } from '../process/io.ts'
import { originOf } from './environment/origin.ts'
import { readOnlyUsers } from './files/only-users.ts'
import type { Workspace } from './open-workspace.ts'

/** What the command line says of how the engine works. */
export interface EngineFlags {
  /** One user, or a file of them. */
  readonly only?: string
  readonly reread?: boolean
  readonly resend?: boolean
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
    kind: someSyncs(unselectedOf(config.syncs, syncs), kindOf(flags, io)),
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

function kindOf({ reread, resend, only }: EngineFlags, { cwd }: Io): RunKind {
  const whole = reread === true ? REREAD : INCREMENTAL
  const kind = resend === true ? RESEND : whole
  const users = readOnlyUsers(only, cwd)
  return users === null ? kind : someUsers(users, kind)
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
