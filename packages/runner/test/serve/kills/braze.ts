import { expect } from 'vitest'
import { withoutEvents } from '../../crash/compare.ts'
import type { Dump } from '../../crash/world.ts'

/** Everything a simulator holds, with all that it took applied. */
export async function dumpOf(braze: string): Promise<Dump> {
  await tellBraze(braze, 'settle', {})
  const dump = await fetch(`${braze}/simulator/dump?parts=users,cohorts`)
  return (await dump.json()) as Dump
}

/** Users with how many events arrived of each, in order. */
export function eventsOf({ users }: Dump): readonly (readonly [string, number])[] {
  const counts = users.map(
    ({ external_id: id, custom_events: events }) =>
      [String(id), events.reduce((sum, { count }) => sum + count, 0)] as const,
  )
  return counts.toSorted(([one], [other]) => (one < other ? -1 : 1))
}

/** Two have the same users, cohorts and numbers of events. */
export function expectSame(dump: Dump, wanted: Dump): void {
  expect(withoutEvents(dump)).toEqual(withoutEvents(wanted))
  expect(eventsOf(dump)).toEqual(eventsOf(wanted))
}

/** Users who were in two open requests at once. */
export async function overlapsOf(braze: string): Promise<readonly unknown[]> {
  const answer = await fetch(`${braze}/simulator/overlaps`)
  return ((await answer.json()) as { readonly overlaps: readonly unknown[] }).overlaps
}

/** Has a simulator do something, such as `faults`. */
export async function tellBraze(braze: string, what: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${braze}/simulator/${what}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers,
  })
  expect(answer.ok).toBe(true)
}
