/** The ways to the network: one HTTP exchange, its answer or how it failed. Knows nothing of Braze. */
export { createGotTransport } from './got-transport.ts'
export { createHandoverTransport } from './handover-transport.ts'
export { createThreadTransport } from './thread-transport.ts'
export { TransportError } from './transport.ts'
export type { Headers, Transport, TransportAnswer, TransportFailure, TransportOptions, TransportRequest } from './transport.ts'
