/** Core's `Destination` for Braze: what the engine holds; puts the other rooms together. */
export { createBrazeDestination } from './destination.ts'
export type { BrazeDestinationOptions } from './destination.ts'
