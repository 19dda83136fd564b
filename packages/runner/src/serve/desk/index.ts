/**
 * The desk of the server: whether it lives and is ready, what it counted, and what came and went.
 *
 * Reads what the other parts say of themselves, and changes nothing.
 */
export { debugPage } from './page.ts'
export { pageState } from './page-view.ts'
export { accessOf, isSameSecret, tokenOf } from './access.ts'
export type { AccessRules } from './access.ts'
export { isOwn, ownerOf } from './fleet-view.ts'
export type { AnyStatus } from './fleet-view.ts'
export { livez, readyz } from './health.ts'
export { metricsText, serverFigures } from './metrics.ts'
export type { Measured } from './metrics.ts'
export { PARTS, readiness } from './readiness.ts'
export type { Condition } from './readiness.ts'
export { MemberSeries } from './member-series.ts'
export { WindowCounts } from './window-counts.ts'
export { OPEN_METRICS_TYPE } from '../../output/formats/open-metrics.ts'
