import { inNaturalOrder } from '@engage-sync/core'
import type { HoldingsFound } from '../../engine/index.ts'
import { countOf, formatCount } from '../text/numbers.ts'
import { alignRows } from '../text/table.ts'

/** Names that are shown of the attributes no mapping writes. */
const OTHERS_SHOWN = 10

/** What `state adopt --from-braze` found, to a person. */
export function renderAdoption(found: HoldingsFound): string {
  const counts = [...found.mappings.values()]
  const held = counts.reduce((sum, one) => sum + one.held, 0)
  const left = counts.reduce((sum, one) => sum + one.left, 0)
  const lines = [
    `Asked Braze about ${countOf(found.users, 'user')}: ${countOf(held, 'value')} it holds count as sent, ${countOf(left, 'value')} it does not hold are left to the next run. Nothing was sent.`,
    ...mappingLines(found),
    ...restLines(found),
  ]
  return `${lines.join('\n')}\n`
}

function mappingLines({ mappings }: HoldingsFound): readonly string[] {
  const rows = [...mappings]
    .sort(([a], [b]) => inNaturalOrder(a, b))
    .map(([id, { held, left }]) => [id, formatCount(held), formatCount(left)])
  if (rows.length === 0) return []
  const table = alignRows([['mapping', 'held', 'left'], ...rows], ['left', 'right', 'right'])
  return ['', ...table.map((line) => `  ${line}`), '']
}

function restLines({ missing, oldEvents, memberships, others }: HoldingsFound): readonly string[] {
  const lines: string[] = []
  if (missing > 0) lines.push(`Braze does not know ${countOf(missing, 'user')} of them.`)
  if (memberships > 0)
    lines.push(
      `${countOf(memberships, 'membership')} of cohorts and subscription groups cannot be asked for: the next run sends them, which changes nothing where they are there.`,
    )
  if (oldEvents > 0)
    lines.push(
      `${countOf(oldEvents, 'event')} older than the 90 days Braze tells of count as sent, so that none arrives twice.`,
    )
  if (others.size > 0)
    lines.push(
      `No mapping writes ${countOf(others.size, 'attribute')} these users have: ${names(others)}.`,
    )
  return lines
}

function names(others: ReadonlyMap<string, number>): string {
  const most = [...others].sort(([a, one], [b, other]) => other - one || inNaturalOrder(a, b))
  const shown = most
    .slice(0, OTHERS_SHOWN)
    .map(([name, users]) => `${name} (${countOf(users, 'user')})`)
  const more = most.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}
