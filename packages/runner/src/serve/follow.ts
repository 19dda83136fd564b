import { SyncError } from '@engage-sync/core'
import type { SourceConfig } from '@engage-sync/core'

/** What `--follow` says: a place to be followed in the stead of what a source has. */
export interface Follow {
  /** Name of the source; null for the only one. */
  readonly source: string | null
  /** A file, a folder, a glob, or `-` for standard input. */
  readonly place: string
}

/** Reads `--follow [SOURCE=]PLACE`. */
export function readFollow(text: string): Follow {
  const [, source = null, place = text] = /^([\w.-]+)=(.+)$/s.exec(text) ?? []
  return { source, place }
}

/**
 * The sources of an environment, with those that are followed in the stead of what they are.
 *
 * @throws {SyncError} `USAGE_FOLLOW` where it is not known which source is meant
 */
export function followed(
  sources: ReadonlyMap<string, SourceConfig>,
  follows: readonly Follow[],
): ReadonlyMap<string, SourceConfig> {
  const replaced = new Map(sources)
  for (const { source, place } of follows) {
    const names = [...sources.keys()]
    const name = source ?? (names.length === 1 ? names[0] : undefined)
    const before = name === undefined ? undefined : sources.get(name)
    if (name === undefined || before === undefined) {
      const message =
        source === null
          ? '--follow does not say which source it feeds'
          : `--follow names a source that no sync reads: ${source}`
      const hint = `Write --follow SOURCE=${place}, with one of: ${names.join(', ')}.`
      throw new SyncError('USAGE_FOLLOW', message, { hint })
    }
    replaced.set(name, eventsAt(place, before))
  }
  return replaced
}

/** Whose word counts stays as it is configured. */
function eventsAt(events: string, before: SourceConfig): SourceConfig {
  return 'trust' in before && before.trust !== undefined
    ? { events, trust: before.trust }
    : { events }
}
