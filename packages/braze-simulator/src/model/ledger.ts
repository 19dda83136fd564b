/** What data points are paid for. */
export const POINT_KINDS = [
  'custom_attributes',
  'standard_attributes',
  'events',
  'purchases',
  'cohorts',
] as const

/** One of `POINT_KINDS`. */
export type PointKind = (typeof POINT_KINDS)[number]

/** Data points by kind. */
export type Points = Record<PointKind, number>

/** No data points yet. */
export function noPoints(): Points {
  return { custom_attributes: 0, standard_attributes: 0, events: 0, purchases: 0, cohorts: 0 }
}

/** Sum over all kinds. */
export function totalPoints(points: Points): number {
  return POINT_KINDS.reduce((sum, kind) => sum + points[kind], 0)
}

/** Adds the second to the first. */
export function addPoints(sum: Points, more: Points): void {
  for (const kind of POINT_KINDS) sum[kind] += more[kind]
}
