/** The shapes of Braze's REST API, as a program writes and reads them. Types alone. */
export type * from './api-types.ts'
