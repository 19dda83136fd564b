import type { Watch } from '../watch/index.ts'
import { fleetView, unownedPartitions } from './fleet-view.ts'
import { areReady, PARTS, readiness } from './readiness.ts'
import type { Condition } from './readiness.ts'
import type { Log } from '../front/index.ts'
import type { Silence } from '../silence/index.ts'
import type { WindowCounts } from './window-counts.ts'
import { allowCommand } from '../../process/allow-command.ts'

/** Windows that a page lists. */
const MOST_WINDOWS = 30

/** What a page shows beside the records. */
export interface PageState {
  readonly environment: string
  readonly condition: Condition
  readonly windows: WindowCounts
  readonly logs: ReadonlyMap<string, Log>
  readonly watch: Pick<Watch, 'left'>
  readonly silences: readonly Silence[]
  /** Address of this process; null before it has one. */
  readonly here: string | null
}

/** How the server stands, for a page: JSON, names of the configuration, no personal data. */
export function pageState(state: PageState): unknown {
  const { environment, condition, windows, logs, watch, silences, here } = state
  const { status } = condition
  const parts = readiness(condition)
  return {
    state: status.state,
    ready: areReady(parts),
    parts: PARTS.map((name) => ({ name, ...parts[name] })),
    windows: windows.windows,
    records: windows.records,
    requests: windows.requests,
    recent: windows.recent
      .slice(-MOST_WINDOWS)
      .map(({ startedMs, ms, records, users, requests, oldestMs }) => ({
        at_ms: startedMs,
        ms,
        records,
        users,
        requests,
        end_to_end_ms: oldestMs === null ? null : startedMs + ms - oldestMs,
      })),
    lag: status.lag === null ? null : { ...status.lag },
    held: status.heldUsers,
    log_bytes: [...logs.values()].reduce((sum, { backlogBytes }) => sum + backlogBytes, 0),
    frozen: status.frozen.map(({ mapping, guard, sinceMs, held, allow }) => ({
      mapping,
      guard,
      since_ms: sinceMs,
      held,
      allow: allowCommand([allow], environment),
    })),
    silent: silences
      .filter(({ isSilent }) => isSilent)
      .map(({ source, sinceMs, quietMs }) => ({ source, since_ms: sinceMs, quiet_ms: quietMs })),
    left: watch.left,
    workers: fleetView(status, here),
    unowned: unownedPartitions(status),
  }
}
