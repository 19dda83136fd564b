import type { ListenAddress } from '@engage-sync/core'
import type { PlanDigest } from '../engine/index.ts'
import type { Io } from '../process/io.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import type { ServerTelling } from '../telemetry/index.ts'
import type { ShiftOptions } from './shift.ts'

/** What a plan says of a start. */
export interface PlannedStart {
  readonly expect: PlanDigest
  /** Guards that were let pass when it was looked at. */
  readonly allow: readonly string[]
}

/** What a server is started with. */
export interface ServerOptions extends Pick<
  ShiftOptions,
  'follows' | 'waitMs' | 'memoryBudget' | 'allow' | 'role' | 'leavesLog'
> {
  readonly io: Io
  /** Worker processes beside this one, and their command line. Default: none. */
  readonly workers?: { readonly count: number; readonly argv: readonly string[] }
  /** The environment as its files say now. @throws what is wrong with them */
  readonly read: () => OpenEnvironment
  /** What has to be done before the first window, and nothing else; left out without a plan. */
  readonly plan?: (opened: OpenEnvironment) => Promise<PlannedStart>
  /** Where to listen, in the stead of what the configuration says; null for that. */
  readonly listen: ListenAddress | null
  /** Told of each window that ended, and of what is counted. */
  readonly telling: ServerTelling
}
