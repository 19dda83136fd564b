/**
 * What streams of messages have in common: records out of messages, messages out of lines, and
 * following a server that may be gone for a while.
 */
export { cutLines } from './cut-lines.ts'
export { followAgain } from './follow-again.ts'
export { MessageChunk } from './message-chunk.ts'
