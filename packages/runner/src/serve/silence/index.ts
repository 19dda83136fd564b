/**
 * Whether a source has been quiet for longer than it ever is: learnt from how long it was quiet
 * before, hour by hour.
 *
 * Looks at what the front counted, and keeps a small file; tells nobody.
 */
export { Silences } from './silences.ts'
export type { Silence } from './silences.ts'
