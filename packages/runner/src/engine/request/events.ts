import type { GuardStop, PlanSummary } from '@engage-sync/core'
import type { HoldingsFound } from './asking.ts'

/** What the engine tells while it works. It prints nothing itself. */
export type EngineEvent =
  | {
      readonly type: 'started'
      readonly run: number
      readonly environment: string
      readonly syncs: readonly string[]
    }
  | { readonly type: 'recovered'; readonly marks: number }
  | { readonly type: 'read'; readonly source: string; readonly records: number }
  /**
   * `passes`: how often the sources are read, since the memory budget holds a part of the rows at a
   * time.
   */
  | { readonly type: 'planned'; readonly summary: PlanSummary; readonly passes: number }
  | { readonly type: 'guarded'; readonly stops: readonly GuardStop[] }
  | {
      readonly type: 'sent'
      readonly requests: number
      readonly updates: number
      readonly dataPoints: number
      /** Changes that were delivered or refused so far, of those the plan counts. */
      readonly changes: number
    }
  /** The destination was asked what it holds of so many users; `found` goes on changing. */
  | {
      readonly type: 'asked'
      readonly users: number
      readonly of: number
      readonly found: HoldingsFound
    }
  /** A part of a run was killed, and is done by another process from here on. */
  | { readonly type: 'restarted'; readonly part: number; readonly of: number }
  | { readonly type: 'settling'; readonly ms: number }
  /** Requests without an answer are decided once their events had that long to arrive. */
  | { readonly type: 'verifying'; readonly requests: number; readonly ms: number }
  /** The destination's own limit asks for it. */
  | { readonly type: 'held'; readonly ms: number }
  /** The destination does not take a request, which is tried again after so long. */
  | { readonly type: 'unavailable'; readonly reason: string; readonly ms: number }
  | { readonly type: 'finished' }

/** Listens to the engine. */
export type Observer = (event: EngineEvent) => void
