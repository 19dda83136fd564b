import type { DeadLetter } from '@engage-sync/core'

/** A dead letter without content. */
export const LETTER: DeadLetter = {
  run: 1,
  at: '2026-03-01T09:30:00.000Z',
  expiresAt: '2026-03-31T09:30:00.000Z',
  sync: 'shop',
  code: 'VALUE_TOO_LONG',
  message: '',
  stage: 'destination',
  place: '',
  payload: null,
  subject: null,
}
