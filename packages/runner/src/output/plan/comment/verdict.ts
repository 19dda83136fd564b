import type { PlanView } from '../../../plan/view.ts'
import { escapeCell } from '../../formats/markdown.ts'
import { countOf, formatCount } from '../../text/numbers.ts'
import { ofBudget } from './inline.ts'

/** What a comment is found by when it is written again: hidden, and the first of it. */
export function marker(environment: string): string {
  return `<!-- engage-sync:plan:${environment.replace(/[^\w.-]/g, '-')} -->`
}

/** The title of a plan's comment: whether it may go, and the one thing to know of it. */
export function title(plan: PlanView): string {
  const { mark, text } = verdict(plan)
  return `### ${mark} engage-sync · ${escapeCell(plan.environment)} — ${escapeCell(text)}`
}

/** Whether a plan may go, and the one thing to know of it. */
export interface Verdict {
  readonly mark: '🛑' | '⚠️' | '✅'
  readonly text: string
}

/** The verdict of a plan, for its title. */
export function verdict(plan: PlanView): Verdict {
  const { guards, changes, base, users } = plan
  if (guards.length > 0)
    return {
      mark: '🛑',
      text:
        guards.length === 1 ? 'a guard would stop this' : `${guards.length} guards would stop this`,
    }
  const left = most(changes.map((change) => ({ ...change, count: change.stale_users ?? 0 })))
  const leaving = most(moves(plan, 'leaves'))
  if (leaving !== null)
    return {
      mark: '⚠️',
      text: `${countOf(leaving.count, 'user leaves', 'users leave')} ${leaving.name}`,
    }
  if (left !== null)
    return {
      mark: '⚠️',
      text: `${left.attribute ?? left.cohort ?? left.mapping} stays behind in Braze for ${countOf(left.count, 'user')}`,
    }
  if (!plan.has_changes) return { mark: '✅', text: 'no change' }
  const joining = most(moves(plan, 'joins'))
  if (joining !== null)
    return {
      mark: '✅',
      text: `${countOf(joining.count, 'user joins', 'users join')} ${joining.name}`,
    }
  const own = base?.effect.users ?? users.changed
  const configured = changes.length + plan.sync_changes.length
  if (own === 0 && base !== null && configured + base.prevented === 0)
    return { mark: '✅', text: 'no change of its own' }
  return { mark: '✅', text: countOf(own, 'user changes', 'users change') }
}

/**
 * Those that a change of configuration moves; without any, those that new data moves, unless it is
 * known what the change does by itself.
 */
function moves(
  { changes, mappings, base }: PlanView,
  which: 'joins' | 'leaves',
): readonly { readonly name: string; readonly count: number }[] {
  const nameOf = new Map(mappings.map(({ mapping, name }) => [mapping, name]))
  const changed = changes.filter((change) => change[which] > 0)
  if (changed.length > 0)
    return changed.map((change) => ({
      name: nameOf.get(change.mapping) ?? change.mapping,
      count: change[which],
    }))
  return (base?.effect.mappings ?? mappings).map(
    ({ name, cohort_adds: joins, cohort_removals: leaves }) => ({
      name,
      count: which === 'joins' ? joins : leaves,
    }),
  )
}

function most<T extends { readonly count: number }>(all: readonly T[]): T | null {
  const [first] = all.filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count)
  return first ?? null
}

/** One sentence: users, cost, its share of the budget, guards. */
export function sentence(plan: PlanView): string {
  const { users, braze, budget, guards, base } = plan
  const { max_data_points: most, share } = budget
  const cost = most === null || share === null ? '' : ` (${ofBudget(share, most)})`
  const all = `**${countOf(users.changed, 'user')}** of ${formatCount(users.seen)} would change`
  const points = `**${countOf(braze.data_points, 'data point')}**${cost}`
  const parts = [
    ...(base === null
      ? [all, points]
      : [
          `**This change: ${countOf(base.effect.users, 'user')}, ${countOf(base.effect.data_points, 'data point')}**`,
          `with what waits anyway ${formatCount(users.changed)} of ${formatCount(users.seen)} users, ${countOf(braze.data_points, 'data point')}${cost}`,
        ]),
    ...(guards.length === 0 ? [] : [countOf(guards.length, 'guard stops it', 'guards stop it')]),
  ]
  return parts.join(' · ')
}
