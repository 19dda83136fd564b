import { SyncError } from '@engage-sync/core'
import type { Cause } from '@engage-sync/core'

/**
 * A part whose process ended, or that was not heard of for too long, and that was not started again,
 * or too often. Never retried: the next run goes on where it was.
 */
export class PartLostError extends SyncError {
  override name = 'PartLostError'
  constructor(number: number, of: number) {
    super(
      'RUN_PART_LOST',
      `Part ${number} of ${of} was lost: its process ended before it was done`,
      {
        hint: 'What was committed holds. Run again, in as many parts as you like: it goes on where this one stopped. If a process was out of memory, give each less with --memory-budget, or start more of them.',
      },
    )
  }
}

/** The error of a run whose parts did not all come. */
export function partsMissing(missing: readonly number[], of: number): SyncError {
  return new SyncError(
    'RUN_PART_MISSING',
    `Of ${of} parts these did not come: ${missing.join(', ')}`,
    {
      hint: 'Nothing was sent. Start each of them with the same options and `--part NUMBER/COUNT`, or let this command start all.',
    },
  )
}

/** The error of sources that never give all parts the same. */
export function partsApart(sources: readonly string[]): SyncError {
  return new SyncError(
    'RUN_PARTS_APART',
    `Parts of a run read other records each time, of ${sources.join(' or ')}`,
    { hint: 'Nothing was sent. Let one process run it, without --workers.' },
  )
}

/** The error of a part that nobody leads. */
export function nobodyLeads(of: number): SyncError {
  return new SyncError('RUN_PART_ALONE', `No run in ${of} parts is under way here`, {
    hint: 'Start one with `engage-sync run --workers COUNT`, or pass --wait to wait for it longer.',
  })
}

/** The error of a part whose run nobody leads any more. */
export function leaderGone(): SyncError {
  return new SyncError('RUN_PART_ALONE', 'Whoever led the run is gone, or was replaced', {
    hint: 'What was committed holds. Start the run once more, and its parts: it goes on where this one stopped.',
  })
}

/** The error of a part that was asked for something else than the run does. */
export function otherWork(): SyncError {
  return new SyncError(
    'RUN_PART_OTHER',
    'The run that is under way does something else than this part',
    {
      hint: 'Every part needs the same version, configuration and options as the command that leads the run: --select, --only, --reread, --resend, --plan.',
    },
  )
}

/** What a part ended with, as an error here. */
export function errorOf({ code, message, hint }: Cause): SyncError {
  return new SyncError(code, message, { ...(hint !== null && { hint }) })
}
