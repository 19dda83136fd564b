/*
 * config/secrets: references to secrets, and what keeps the secrets themselves out of messages.
 *
 * Lines are masked (`mask.ts`), values are quoted with care (`quote.ts`).
 */
export { listSecrets, resolveSecrets } from './references.ts'
export type { SecretSources } from './references.ts'
