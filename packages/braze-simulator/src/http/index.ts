/**
 * The server: from bytes to an endpoint and back, through the gate of keys, rates, forms and
 * sizes.
 */
export { createHttpServer, listen } from './server.ts'
export type { ServerContext } from './server.ts'
export { hostNamesOf } from './visitor.ts'
