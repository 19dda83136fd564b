/**
 * Requests of Segment's Webhooks destination: whether they may be taken, and the events in them.
 */
export { readWebhook } from './read.ts'
export type { WebhookEvents } from './read.ts'
export { verifyWebhook } from './verify.ts'
export type {
  WebhookCode,
  WebhookHeaders,
  WebhookRequest,
  WebhookRules,
  WebhookVerdict,
} from './verify.ts'
