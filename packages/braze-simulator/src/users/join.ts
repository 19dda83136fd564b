import type { Json } from '@engage-sync/contract'
import type { EventSummary, User, WriteContext } from '../model/index.ts'

/**
 * Merges one profile into another and removes it: what the kept one holds wins, gaps are filled,
 * events are summed.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_users_merge/
 */
export function join(source: User, target: User, { rules, workspace }: WriteContext): void {
  const { directory } = workspace
  fill(source.custom, target.custom, rules.mergeTarget)
  joinEvents(source.events, target.events, rules.mergeEvents)
  joinEvents(source.purchases, target.purchases, rules.mergeEvents)
  const contacts = (['email', 'phone'] as const).map(
    (kind) => [kind, source.standard.get(kind)] as const,
  )
  const cohorts = [...source.cohorts]
  const { aliases, devices } = source
  workspace.removeUser(source)
  for (const [kind, value] of contacts) {
    source.standard.delete(kind)
    if (typeof value === 'string' && !(rules.mergeTarget && target.standard.has(kind)))
      directory.setContact(target, kind, value)
  }
  fill(source.standard, target.standard, rules.mergeTarget)
  for (const [label, name] of aliases)
    if (!target.aliases.has(label)) directory.setAlias(target, { label, name })
  for (const device of devices) directory.addDevice(target, device)
  for (const id of cohorts) workspace.setMember(workspace.cohort(id), target, true)
  target.revenue += source.revenue
  target.touched = directory.nextTouch()
}

function fill(
  source: ReadonlyMap<string, Json>,
  target: Map<string, Json>,
  targetWins: boolean,
): void {
  for (const [name, value] of source) if (!targetWins || !target.has(name)) target.set(name, value)
}

function joinEvents(
  source: ReadonlyMap<string, EventSummary>,
  target: Map<string, EventSummary>,
  isSummed: boolean,
): void {
  if (!isSummed) return
  for (const [name, from] of source) {
    const into = target.get(name)
    if (into === undefined) {
      target.set(name, from)
      continue
    }
    into.count += from.count
    into.first = Math.min(into.first, from.first)
    into.last = Math.max(into.last, from.last)
    into.recent = [...into.recent, ...from.recent]
  }
}
