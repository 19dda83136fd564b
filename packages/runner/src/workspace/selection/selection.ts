import { matchesGlob } from 'node:path'
import { closest, SyncError } from '@engage-sync/core'
import type { NormalisedSync } from '@engage-sync/core'

/** Finds out which syncs changed; asked only when a selector needs it. */
export interface ChangeLookups {
  /** Names of syncs whose meaning differs from what the state knows. */
  readonly sinceState: () => Promise<ReadonlySet<string>>
  /** Names of syncs whose meaning differs from that at a git commit. */
  readonly sinceCommit: (ref: string) => ReadonlySet<string>
}

/**
 * The syncs that `--select` means, in the order of the configuration; all of them without it.
 *
 * Shape: a selector is a name, a glob (`loyalty-*`), `tag:<tag>`, `changed`, or `changed:<git
 * ref>`; several join, by commas too. `changed` may select none.
 *
 * @throws {SyncError} `SELECT_UNKNOWN` when a name, glob or tag fits no sync
 */
export async function selectSyncs(
  syncs: readonly NormalisedSync[],
  selectors: readonly string[] | undefined,
  changes: ChangeLookups,
): Promise<readonly NormalisedSync[]> {
  if (selectors === undefined) return syncs
  const words = selectors.flatMap((text) => text.split(',')).filter((word) => word !== '')
  const chosen = new Set<string>()
  for (const word of words)
    for (const name of await namesFor(word, syncs, changes)) chosen.add(name)
  return syncs.filter(({ name }) => chosen.has(name))
}

async function namesFor(
  word: string,
  syncs: readonly NormalisedSync[],
  changes: ChangeLookups,
): Promise<Iterable<string>> {
  if (word === 'changed') return changes.sinceState()
  if (word.startsWith('changed:')) return changes.sinceCommit(word.slice('changed:'.length))
  if (word.startsWith('tag:')) return namesWithTag(word.slice('tag:'.length), syncs)
  const found = syncs
    .filter(({ name }) => name === word || matchesGlob(name, word))
    .map(({ name }) => name)
  if (found.length > 0) return found
  throw unknown(`There is no sync "${word}"`, word, {
    known: syncs.map(({ name }) => name),
    what: 'syncs',
  })
}

function namesWithTag(tag: string, syncs: readonly NormalisedSync[]): readonly string[] {
  const found = syncs.filter(({ tags }) => tags.includes(tag)).map(({ name }) => name)
  if (found.length > 0) return found
  const tags = [...new Set(syncs.flatMap((sync) => sync.tags))].sort()
  throw unknown(`No sync has the tag "${tag}"`, tag, { known: tags, what: 'tags' })
}

function unknown(
  message: string,
  word: string,
  { known, what }: { known: readonly string[]; what: string },
): SyncError {
  const near = closest(word, known)
  const all =
    known.length === 0 ? `There are no ${what}.` : `There are: ${known.slice(0, 20).join(', ')}.`
  return new SyncError('SELECT_UNKNOWN', message, {
    hint: near === null ? all : `Did you mean "${near}"? ${all}`,
  })
}
