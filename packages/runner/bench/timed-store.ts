import type { CommitGroup, StateStore } from '@engage-sync/core'
import { Partitions } from '../dist/engine/partitions/partitions.js'

/** What the calls of one method of a state took on the main thread, in seconds. */
export interface CallCosts {
  calls: number
  wall_seconds: number
  cpu_seconds: number
}

/** A state, and what its calls took so far, by method; commits by what is in them. */
export interface TimedStore {
  readonly store: StateStore
  readonly costs: Readonly<Record<string, CallCosts>>
}

/**
 * A state that notes what its calls take until they return.
 *
 * For SQLite that is all of it, waiting for the disk included: its calls are done when they return,
 * and nothing else runs on the thread meanwhile. For PostgreSQL it is only what sending takes.
 */
export function timed(store: StateStore): TimedStore {
  const costs: Record<string, CallCosts> = {}
  const get = (target: StateStore, name: string): unknown => {
    const member: unknown = Reflect.get(target, name, target)
    if (typeof member !== 'function') return member
    return (...args: readonly unknown[]) => {
      const stop = startTiming((costs[nameOf(name, args)] ??= noCosts()))
      try {
        return member.apply(target, args) as unknown
      } finally {
        stop()
      }
    }
  }
  return { store: new Proxy(store, { get: (target, name) => get(target, String(name)) }), costs }
}

/**
 * From now on notes what opening partitions takes: reading them from a SQLite state, and indexing
 * their rows.
 */
export function timeOpening(): CallCosts {
  const costs = noCosts()
  const { open } = Partitions.prototype
  Partitions.prototype.open = async function (number) {
    const stop = startTiming(costs)
    const opened = await open.call(this, number)
    stop()
    return opened
  }
  return costs
}

/** Nothing yet. */
export function noCosts(): CallCosts {
  return { calls: 0, wall_seconds: 0, cpu_seconds: 0 }
}

/** Adds one call to some costs when what it returns is called. */
export function startTiming(costs: CallCosts): () => void {
  const start = performance.now()
  const before = process.threadCpuUsage()
  return () => {
    const { user, system } = process.threadCpuUsage(before)
    costs.calls++
    costs.wall_seconds += (performance.now() - start) / 1000
    costs.cpu_seconds += (user + system) / 1e6
  }
}

/**
 * Snapshots are written at the end of a run; marks while it delivers, beside the outcomes of
 * requests before them.
 */
function nameOf(method: string, [group]: readonly unknown[]): string {
  if (method !== 'commit') return method
  const { snapshots = [], openMarks = [] } = group as CommitGroup
  if (snapshots.length > 0) return 'commit_snapshots'
  return openMarks.length > 0 ? 'commit_marks' : 'commit'
}
