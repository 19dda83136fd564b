import type { StreamSource } from '@engage-sync/core'
import type { StreamOptions } from '../stream/index.ts'

/** What is followed, by the name the syncs use. */
export function namedBy({
  sources,
  streams,
}: Pick<StreamOptions, 'sources' | 'streams'>): ReadonlyMap<string, StreamSource> {
  const followed = new Set<unknown>(streams)
  return new Map(
    [...sources].flatMap(([name, source]) =>
      followed.has(source) ? [[name, source as StreamSource] as const] : [],
    ),
  )
}
