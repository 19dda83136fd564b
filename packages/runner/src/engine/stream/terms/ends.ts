import { SyncError } from '@engage-sync/core'
import type { Cause } from '@engage-sync/core'
import { allowCommand } from '../../../process/allow-command.ts'

/** Guards stopped a run or window: nothing of it was sent. */
export class Stopped extends Error {
  override name = 'Stopped'
  readonly reason: Cause
  /** What would let it pass: `removals=<id>`, `data_points`. */
  readonly allow: readonly string[]

  constructor(reason: Cause, allow: readonly string[]) {
    super(reason.message)
    this.reason = reason
    this.allow = allow
  }
}

/** More users cannot be finished than may wait beside the source: it is tried again as a whole. */
export class TooManyWait extends SyncError {
  override name = 'TooManyWait'

  constructor(users: number) {
    super(
      'SERVE_TOO_MANY_WAIT',
      `${users.toLocaleString('en-US')} users could be neither delivered nor refused, more than may wait by themselves`,
      {
        hint: 'Nothing is lost: the log keeps what comes, and all of it is tried again. Look at what Braze answers.',
      },
    )
  }
}

/** What holds, and where. */
interface Holding {
  /** Guards, as `removals=<id>`. */
  readonly guards: readonly string[]
  readonly environment: string
}

/** Guards hold memberships of more users, or more of what comes of theirs, than fits beside the source: it is tried again as a whole. */
export class TooManyHeld extends SyncError {
  override name = 'TooManyHeld'

  constructor(users: number, { guards, environment }: Holding) {
    super(
      'SERVE_TOO_MANY_WAIT',
      `Guards hold memberships of ${users.toLocaleString('en-US')} users, and what comes of theirs is more than may wait by itself`,
      {
        hint: `Nothing is lost: the log keeps what comes, and all of it is tried again. If it is meant: ${allowCommand(guards, environment)}`,
      },
    )
  }
}

/** What one of several workers finds is not what they agreed on: it has to be brought in line by one alone first. */
export class OutOfLine extends Error {
  override name = 'OutOfLine'
}
