import type { Column } from '../../html/index.ts'

/** Columns of tables of audiences and segments, whether they say what was sent or what would be. */
export const MEMBERSHIP_COLUMNS: readonly Column[] = [
  { head: 'Name in Braze' },
  { head: 'Members', kind: 'number' },
  { head: 'Leave', kind: 'number' },
  { head: '', kind: 'chart' },
  { head: 'Join', kind: 'number' },
  { head: 'Data points', kind: 'number' },
]

/** Columns of tables of traits. */
export const TRAIT_COLUMNS: readonly Column[] = [
  { head: 'Name in Braze' },
  { head: 'New', kind: 'number' },
  { head: 'Changed', kind: 'number' },
  { head: 'Unset', kind: 'number' },
  { head: '', kind: 'chart' },
  { head: 'Events', kind: 'number' },
  { head: 'Data points', kind: 'number' },
]

/** Columns of tables of what mappings cost. */
export const COST_COLUMNS: readonly Column[] = [
  { head: 'Mapping' },
  { head: 'Data points', kind: 'number' },
  { head: 'Share', kind: 'number' },
  { head: '', kind: 'chart' },
]
