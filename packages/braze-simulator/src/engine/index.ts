/**
 * A workspace in time: requests are numbered and logged, and what they ask for is written when
 * it is due. The store hears of it through `Journal`.
 */
export { Engine } from './engine.ts'
export type { Journal, Pending } from './engine.ts'
export { createRandom } from './random.ts'
export { withoutSecrets } from './request-log.ts'
export type { RequestRecord } from './request-log.ts'
export { seedUsers } from './seed-users.ts'
export { readSegment } from './segments.ts'
