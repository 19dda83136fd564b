/** What the simulator shows of itself under `/simulator`, and what can be changed there. */
export { Live } from './live.ts'
export { inspect } from './routes.ts'
export type { InspectionServer } from './routes.ts'
