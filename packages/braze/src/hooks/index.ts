/**
 * What a program may watch of a client's work: tries, answers, waits. Never a key, a body, or a
 * query.
 */
export type { AnswerTold, BrazeHooks, RequestTold, RetryTold, WaitTold } from './hooks.ts'
