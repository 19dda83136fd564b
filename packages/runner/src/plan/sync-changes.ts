import { optionChanges } from '@engage-sync/core'
import type { OptionChange } from '@engage-sync/core'
import type { ChangedSync } from '../engine/index.ts'

/** A sync that is set otherwise than it was, beside its mappings. */
export interface SyncChange {
  readonly sync: string
  /** Old and new value of each option that differs; never none. */
  readonly options: readonly OptionChange[]
  /** What follows from it, in a sentence; null where the options say it all. */
  readonly note: string | null
}

/**
 * What became of syncs as a whole, those that stop first.
 *
 * @param paused - names of those that run no more, though they are configured
 */
export function viewSyncChanges(
  changed: readonly ChangedSync[],
  paused: readonly string[],
): readonly SyncChange[] {
  return [
    ...paused.map((sync) => ({
      sync,
      options: [{ option: 'enabled', before: 'true', after: 'false' }],
      note: 'Nothing of it is sent any more; what it filled stays in Braze as it is.',
    })),
    ...changed.flatMap(({ sync, before, after }) => {
      const options = optionChanges(before, after)
      return options.length === 0 ? [] : [{ sync, options, note: noteOf(options) }]
    }),
  ]
}

function noteOf(options: readonly OptionChange[]): string | null {
  const names = options.map(({ option }) => option)
  if (names.some((name) => NAMING.test(name)))
    return 'Users may get other names in Braze: profiles of their former names keep what they hold, and nothing renews it.'
  if (names.some((name) => READING.test(name)))
    return 'Records are read otherwise from now on; what was read before is not read again.'
  return null
}

/** What decides which profile a user is. */
const NAMING = /^identity\.(?:external_id|lower_case|alias\.(?:from|label))$/
/** What decides which records count, and when they were. */
const READING = /^(?:source\.(?:time|trust)|identity\.refuse)$/
