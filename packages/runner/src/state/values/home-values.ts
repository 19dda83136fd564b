import type { CommitGroup, Json, StateStore } from '@engage-sync/core'
import { deliveredTypes, purgeDue } from './values.ts'
import type { DeliveredTypes } from './values.ts'
import type { StoredValue } from './named-value.ts'
import { PARTS } from './part-values.ts'
import { partitionMembers } from './partition-members.ts'
import { joinGuards, streamGuards } from './stream-guards.ts'
import type { StreamGuardsState } from './stream-guards.ts'

/** Before the key of a value that one worker keeps with a partition of its own, so that nobody else writes it. */
const OF = 'of:'

/** What a worker's windows say of the next records, and do not say in the state (see `OwnedState`); and what all workers share. */
const NOT_KEPT: ReadonlySet<string> = new Set([
  'sending',
  'recovered',
  'registry',
  streamGuards.key,
])

/** What is said once all partitions are in line, by whoever finds that they are: see `Rollouts`. */
const NOT_KEPT_OF = ['retired:', 'cohort-id:', 'sync:']

/** What is shared and taken away by whoever comes first. */
const TAKEN = 'allow:'

/** What a worker stores of the values its windows write, with the partition that is its home. */
export function atHome(home: number, values: readonly StoredValue[]): readonly StoredValue[] {
  return values.flatMap((value) => {
    if (value.partition !== undefined) return [value]
    if (NOT_KEPT.has(value.key)) return []
    if (NOT_KEPT_OF.some((prefix) => value.key.startsWith(prefix))) return []
    if (value.key.startsWith(TAKEN)) return value.value === null ? [value] : []
    return [{ ...value, key: `${OF}${home}:${value.key}`, partition: home }]
  })
}

/** Before the names of attributes whose delivered types are counted. */
const TYPES = 'types:'

/**
 * What a worker knows of a prefix: what all know, and in its place what it kept at home.
 *
 * What all counted is no part of its own count, which is added to that later.
 */
export async function readBeside(
  store: Pick<StateStore, 'values'>,
  home: number,
  prefix: string,
): Promise<ReadonlyMap<string, Json>> {
  const shared = await store.values(prefix)
  const own = await readHome(store, home, prefix)
  if (prefix !== TYPES) return new Map([...shared, ...own])
  const known = await deliveredTypes.readAll({ values: async () => shared })
  const uncounted = [...known].map(([attribute, { first }]) => {
    const { key, value } = deliveredTypes.stored(attribute, { first, counts: {}, dropped: 0 })
    return [key, value] as const
  })
  return new Map([...uncounted, ...own])
}

/** What a worker kept at home of a prefix. */
async function readHome(
  store: Pick<StateStore, 'values'>,
  home: number,
  prefix: string,
): Promise<ReadonlyMap<string, Json>> {
  const own = `${OF}${home}:`
  const stored = await store.values(own + prefix)
  return new Map([...stored].map(([key, value]) => [key.slice(own.length), value]))
}

/**
 * Takes what workers kept apart together, for whoever works alone: counts and budgets of guards are
 * added, flags stay, and so does what is frozen. What parts of a run told each other goes.
 *
 * @param epoch - of the lease the caller holds
 */
export async function gatherHomes(store: StateStore, epoch: number): Promise<void> {
  const stored = await store.values(OF)
  const told = await store.values(PARTS)
  const members = await partitionMembers.readAll(store)
  if (stored.size + told.size + members.size === 0) return
  const known = new Map(await deliveredTypes.readAll(store))
  const values: NonNullable<CommitGroup['values']>[number][] = [...told.keys()].map((key) => ({
    key,
    value: null,
  }))
  for (const partition of members.keys()) values.push(partitionMembers.cleared(partition))
  const before = await streamGuards.read(store)
  let guards = withoutReserved(before)
  for (const [key, value] of stored) {
    values.push({ key, value: null })
    const name = key.slice(key.indexOf(':', OF.length) + 1)
    if (name === purgeDue.key) values.push(purgeDue.stored(true))
    if (name === streamGuards.key)
      guards = joinGuards(guards, await streamGuards.read(oneValue(name, value)))
    if (name.startsWith('cohort')) values.push({ key: name, value })
    if (!name.startsWith(TYPES)) continue
    const attribute = name.slice(TYPES.length)
    const one = (await deliveredTypes.readAll(oneValue(name, value))).get(attribute)
    if (one !== undefined) known.set(attribute, added(known.get(attribute), one))
  }
  for (const [attribute, types] of known) values.push(deliveredTypes.stored(attribute, types))
  if (guards !== before) values.push(streamGuards.stored(guards))
  await store.commit({ epoch, values })
}

/** Nobody is left to give back what is reserved: it counts as used. */
function withoutReserved(state: StreamGuardsState): StreamGuardsState {
  const { budgets, frozen, allowed, reserved, wanted } = state
  return reserved === undefined && wanted === undefined ? state : { budgets, frozen, allowed }
}

function oneValue(key: string, value: Json): Pick<StateStore, 'values'> {
  return { values: async () => new Map([[key, value]]) }
}

function added(before: DeliveredTypes | undefined, more: DeliveredTypes): DeliveredTypes {
  if (before === undefined) return more
  const counts: Record<string, number> = { ...before.counts }
  for (const [type, count] of Object.entries(more.counts))
    counts[type] = (counts[type] ?? 0) + count
  return { first: before.first, counts, dropped: before.dropped + more.dropped }
}
