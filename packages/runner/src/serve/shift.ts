import { compileSyncs } from '../workspace/environment/open-environment.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { sourceConfigs } from '../workspace/environment/sources.ts'
import { engineOptions } from '../workspace/engine-options.ts'
import { openWorkspace } from '../workspace/open-workspace.ts'
import type { Workspace } from '../workspace/open-workspace.ts'
import { openLookout, openWorker } from '../engine/fleet/index.ts'
import { openStream } from '../engine/stream/index.ts'
import type { Stream, StreamOptions, WindowReport } from '../engine/stream/index.ts'
import type { Io } from '../process/io.ts'
import { countOf } from '../output/text/numbers.ts'
import { isSyncError } from '../process/sync-error.ts'
import { sleep } from '../engine/durable/index.ts'
import type { Observer, PlanDigest } from '../engine/index.ts'
import { isStream } from './inlets.ts'
import { followed } from './follow.ts'
import type { Follow } from './follow.ts'
import type { Inlets, OpenInlets } from './inlets.ts'
import { noteLogs } from './note-logs.ts'
import type { Role } from './role.ts'
import { isMissed, schedulesOf } from './schedules.ts'
import type { Schedules } from './schedules.ts'
import type { Watch } from './watch/index.ts'
import { watchedConfiguration } from './watched-configuration.ts'

/** What a server works on between two configurations. */
export interface Shift extends OpenInlets {
  readonly opened: OpenEnvironment
  readonly workspace: Workspace
  readonly stream: Stream
  readonly schedules: Schedules
  /** Any number of times. */
  close(): Promise<void>
}

/** All of them, those that their schedule says were to be read since they were, or some. */
export type Due = 'all' | 'missed' | ReadonlySet<string>

/** What a shift is opened with. */
export interface ShiftOptions {
  readonly io: Io
  readonly opened: OpenEnvironment
  readonly inlets: Inlets
  readonly follows: readonly Follow[]
  /** How long another run's lease is waited for, milliseconds. */
  readonly waitMs: number
  /** Whether what a former log holds stays there that cannot be read without its configuration. */
  readonly leavesLog: boolean
  /** What of a server this is. */
  readonly role: Role
  /** Where it listens, once it does. */
  readonly url: () => string | null
  readonly memoryBudget?: number
  readonly allow?: readonly string[]
  /** Which of the sources that do not go on are read before the first window. */
  readonly due: Due
  /** What a plan said that this has to do before its first window; null without one. */
  readonly expect: PlanDigest | null
  readonly observe: Observer
  readonly watch: Watch
  readonly onWindow: (window: WindowReport) => void
  /** The configuration this process went by last, as one of a fleet. */
  readonly known: { fingerprint: string | null }
  /** Told when a fleet was lent, and is back. */
  readonly onReturned: () => void
  readonly say: (text: string) => void
}

/**
 * Opens an environment for a server, and takes its lease.
 *
 * @throws {SyncError} `STATE_…`, `SOURCE_…`, `SECRET_…`, `SERVE_NOTHING`, `USAGE_FOLLOW`
 */
export async function openShift(options: ShiftOptions): Promise<Shift> {
  const { io, opened, inlets, follows, waitMs, watch } = options
  const { syncs } = opened.config
  const configs = followed(sourceConfigs(opened, syncs), follows)
  const access = options.role === 'worker' ? 'fleet' : 'write'
  const workspace = await openWorkspace(opened, syncs, access)
  try {
    const compiled = compileSyncs(syncs, opened.environment)
    const open = await inlets.open({ opened, configs, syncs: compiled, store: workspace.store })
    watch.configure(watchedConfiguration(workspace))
    const sources = new Map(
      [...open.sources].map(([name, source]) => [
        name,
        isStream(source) ? watch.source(name, source) : source,
      ]),
    )
    const schedules = schedulesOf(configs, open.sources)
    const stream = await openRole(options, schedules, {
      ...engineOptions(io, flagsOf(options), { ...workspace, sources }),
      destination: watch.destination(workspace.braze.destination),
      waitForLeaseMs: waitMs,
      expect: options.expect,
      streams: [...sources.values()].filter(isStream),
      windowMs: opened.environment.serve.windowMs,
      isDue: dueBy(options, schedules),
      observe: options.observe,
      onWindow: options.onWindow,
    })
    await takeOver(options, { store: workspace.store, stream, used: open.used })
    let closed: Promise<void> | null = null
    return {
      ...open,
      ...(options.role === 'worker' && { webhooks: new Map() }),
      opened,
      workspace,
      stream,
      // Workers see to theirs together.
      schedules: options.role === 'all' ? schedules : new Map(),
      close: () => (closed ??= workspace.close()),
    }
  } catch (error) {
    await workspace.close()
    throw error
  }
}

interface TakenOver extends Pick<Workspace, 'store'>, Pick<OpenInlets, 'used'> {
  readonly stream: Stream
}

/** Brings in what former logs still hold, and notes which are used now; a lease under which that fails is given back. */
async function takeOver(
  { inlets, opened, io, say, leavesLog }: ShiftOptions,
  { store, stream, used }: TakenOver,
): Promise<void> {
  try {
    for (const [name, records] of await inlets.takeOver({ opened, store, leavesLog }, io.signal))
      say(`source ${name}: ${countOf(records, 'record')} of its former log brought into this one`)
    await noteLogs(store, used)
  } catch (error) {
    await stream.run(AbortSignal.abort())
    throw error
  }
}

/** What works on what comes: all of it, a share of it, or nothing. */
async function openRole(
  { role, url, known, onReturned, io }: ShiftOptions,
  schedules: Schedules,
  options: StreamOptions,
): Promise<Stream> {
  const isScheduled = scheduledBy(io, schedules)
  if (role === 'worker') return openWorker({ ...options, url, known, onReturned, isScheduled })
  return role === 'front' ? openLookout({ ...options, onReturned }) : await openStream(options)
}

/** How often it is looked whether the lease is free again, milliseconds. */
const RETAKE_MS = 500

/** What is waited for by a server that runs: somebody else has the lease, or the state is away. */
const WAITED_FOR = new Set(['STATE_LEASE_HELD', 'STATE_UNAVAILABLE'])

/** The same, once nobody else has the lease, and the state is there; null where the signal aborts before. */
export async function openOnceFree(
  options: ShiftOptions,
  signal: AbortSignal,
): Promise<Shift | null> {
  while (!signal.aborted) {
    try {
      return await openShift(options)
    } catch (error) {
      if (signal.aborted) return null
      if (!isSyncError(error) || !WAITED_FOR.has(error.code)) throw error
      await sleep(RETAKE_MS, signal)
    }
  }
  return null
}

/** Whether a source is due that was read then, milliseconds since the epoch. */
function dueBy(
  { due, io }: ShiftOptions,
  schedules: Schedules,
): (name: string, readMs: number) => boolean {
  if (due === 'all') return () => true
  const isSaid = (name: string) => due !== 'missed' && due.has(name)
  const isMissing = scheduledBy(io, schedules)
  const isUnscheduled = (name: string) => due === 'missed' && !schedules.has(name)
  return (name, readMs) => isSaid(name) || isUnscheduled(name) || isMissing(name, readMs)
}

/** Whether its schedule says that a source was to be read since it was, milliseconds since the epoch. */
function scheduledBy(io: Io, schedules: Schedules): (name: string, readMs: number) => boolean {
  return (name, readMs) => {
    const cron = schedules.get(name)
    return cron !== undefined && isMissed(cron, { readMs, nowMs: io.now() })
  }
}

function flagsOf({ allow, memoryBudget }: ShiftOptions) {
  return {
    ...(allow !== undefined && { allow }),
    ...(memoryBudget !== undefined && { memoryBudget }),
  }
}
