import type { CompiledSync, NormalisedSync } from '@engage-sync/core'
import type { EngineOptions } from '../engine/index.ts'
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
export function engineOptions(io: Io, flags: EngineFlags, workspace: Workspace): Omit<EngineOptions, 'observe'> {
  const { environment, config, syncs, sources, createDecoder, decodeAhead, store, braze } = workspace
  return {
    environment: environment.name,
    syncs,
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
    leftOut: othersOf(config.syncs, syncs),
    reread: flags.reread === true,
    resend: flags.resend === true,
    onlyUsers: readOnlyUsers(flags.only, io.cwd),
    ...originOf(io.env, config.root),
    now: io.now,
    signal: io.signal,
    waitForLeaseMs: (flags.wait ?? 0) * 1000,
    memoryBudgetBytes: flags.memoryBudget,
    onDelete: new Map(config.syncs.map(({ name, onDelete }) => [name, onDelete ?? environment.onDelete])),
  }
}

/** Enabled syncs that are not among those chosen. */
function othersOf(all: readonly NormalisedSync[], chosen: readonly CompiledSync[]): NonNullable<EngineOptions['leftOut']> {
  const names = new Set(chosen.map(({ name }) => name))
  return all.flatMap(({ name, enabled, source }) => (enabled && !names.has(name) ? [{ name, source: source.name }] : []))
}
