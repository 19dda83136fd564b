import { isMap, isScalar, isSeq, Pair, Scalar, YAMLMap } from 'yaml'
import type { Document, YAMLSeq } from 'yaml'
import { itemAt, lastOf } from '@engage-sync/contract'
import type { FileKind } from '../../schema/kinds.ts'
import type { Migration } from './migration.ts'

/**
 * From the language before the first release to version 1.
 *
 * Project: `workspaces` became `environments`. Sync: the list `mappings` became `traits` and
 * `audiences` by key, and `external_id` moved under `identity`.
 */
export const FROM_VERSION_0: Migration = {
  from: 0,
  rewrite: (document: Document, kind: FileKind) => {
    const root = document.contents
    if (!isMap(root)) return []
    if (kind === 'project') return renameKey(root, 'workspaces', 'environments')
    return kind === 'sync' ? [...splitMappings(root), ...moveExternalId(document, root)] : []
  },
}

function renameKey(map: YAMLMap, from: string, to: string): readonly string[] {
  const pair = pairOf(map, from)
  if (pair === undefined || map.has(to)) return []
  ;(pair.key as Scalar).value = to
  return [`\`${from}\` became \`${to}\``]
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key)
}

/** The sections in the order they first occur, in the place of the list. */
function splitMappings(root: YAMLMap): readonly string[] {
  const index = root.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === 'mappings')
  const before = root.items[index]
  const list = before?.value
  if (before === undefined || !isSeq(list) || root.has('traits') || root.has('audiences')) return []
  const sections = new Map<string, YAMLMap>()
  for (const item of list.items) if (!addMapping(sections, item)) return []
  const pairs = [...sections].map(([section, map]) => new Pair(new Scalar(section), map))
  keepComments(before, list, pairs)
  root.items.splice(index, 1, ...pairs)
  return [
    `\`mappings\` became ${[...sections.keys()].map((section) => `\`${section}\``).join(' and ')}`,
  ]
}

const SECTION_OF = { trait: 'traits', audience: 'audiences' } as const

/** False for an item that is no mapping of version 0; it is left for `validate` to report. */
function addMapping(sections: Map<string, YAMLMap>, item: unknown): boolean {
  if (!isMap(item)) return false
  const kind = (['trait', 'audience'] as const).find((name) => isScalar(item.get(name, true)))
  const named = kind === undefined ? undefined : pairOf(item, kind)
  if (kind === undefined || named === undefined) return false
  const key = new Scalar((named.value as Scalar).value)
  const comments = [
    item.commentBefore,
    (named.key as Scalar).commentBefore,
    (named.value as Scalar).comment,
  ]
  const comment = comments.filter((text) => text !== undefined && text !== null).join('\n')
  if (comment !== '') key.commentBefore = comment
  if (item.spaceBefore === true) key.spaceBefore = true
  item.commentBefore = null
  item.spaceBefore = false
  item.items.splice(item.items.indexOf(named), 1)
  const section = sections.get(SECTION_OF[kind]) ?? new YAMLMap()
  section.items.push(new Pair(key, item))
  sections.set(SECTION_OF[kind], section)
  return true
}

/** Comments above the list, above its first item and below it stay where they were. */
function keepComments(before: Pair, list: YAMLSeq, pairs: readonly Pair[]): void {
  const [firstPair] = pairs
  if (firstPair === undefined) return
  const first = firstPair.key as Scalar
  const key = before.key as Scalar
  if (key.commentBefore !== undefined && key.commentBefore !== null)
    first.commentBefore = key.commentBefore
  if (key.spaceBefore === true) first.spaceBefore = true
  const firstMapping = itemAt((firstPair.value as YAMLMap).items, 0).key as Scalar
  if (list.commentBefore)
    firstMapping.commentBefore = [list.commentBefore, firstMapping.commentBefore]
      .filter(Boolean)
      .join('\n')
  const last = lastOf(pairs).value as YAMLMap
  if (list.comment) last.comment = list.comment
}

function moveExternalId(document: Document, root: YAMLMap): readonly string[] {
  const pair = pairOf(root, 'external_id')
  if (pair === undefined || root.has('identity')) return []
  const key = pair.key as Scalar
  const identity = document.createPair('identity', {})
  const map = identity.value as YAMLMap
  map.flow = false
  const moved = new Scalar('external_id')
  map.items.push(new Pair(moved, pair.value))
  const newKey = identity.key as Scalar
  if (key.commentBefore) newKey.commentBefore = key.commentBefore
  if (key.spaceBefore === true) newKey.spaceBefore = true
  root.items.splice(root.items.indexOf(pair), 1, identity)
  return ['`external_id` moved under `identity`']
}
