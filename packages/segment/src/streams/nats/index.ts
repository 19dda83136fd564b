/**
 * Streams of NATS JetStream: read and followed by sequence, and as a log that is appended to.
 */
export type { NatsAccess, NatsLogOptions } from './access.ts'
export { createNatsLog } from './log.ts'
export { createNatsSource } from './source.ts'
