/**
 * Topics of Kafka: read and followed by offset, without a group, and as a log that is appended to.
 */
export type { KafkaAccess } from './access.ts'
export { createKafkaLog } from './log.ts'
export type { KafkaLogOptions } from './log.ts'
export { createKafkaSource } from './source.ts'
