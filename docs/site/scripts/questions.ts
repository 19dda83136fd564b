/** What somebody types into the search who does not know our words, and the address of the answer. */
export interface Question {
  readonly words: string
  /** Below the base of the site; one of them must be among the first hits. */
  readonly answers: readonly string[]
}

/** Questions of docs/faq.md, as strangers would ask them, and a name of the reference. */
export const QUESTIONS: readonly Question[] = [
  { words: 'send everything again', answers: ['faq#does-it-send-everything-again-when-i-start'] },
  { words: 'without braze account', answers: ['faq#can-i-try-it-without-a-braze-account'] },
  {
    words: 'snowflake',
    answers: ['faq#which-sources-are-there-does-it-read-snowflake-or-bigquery'],
  },
  {
    words: 'too many data points',
    answers: [
      'faq#why-does-braze-bill-more-data-points-than-the-plan-says',
      'faq#how-do-i-keep-the-number-of-data-points-down',
    ],
  },
  { words: 'user not in segment', answers: ['faq#why-is-a-user-not-in-the-segment'] },
  { words: 'cohort not created', answers: ['faq#why-was-my-cohort-not-created-in-braze'] },
  { words: 'rename attribute', answers: ['faq#how-do-i-rename-an-attribute-or-a-trait'] },
  { words: 'delete mapping', answers: ['faq#what-happens-when-i-delete-a-mapping'] },
  { words: 'undo', answers: ['faq#how-do-i-undo-a-change'] },
  {
    words: 'guard stopped',
    answers: ['faq#a-guard-stopped-the-run-how-do-i-let-it-pass', 'on-call#a-guard-stopped-it'],
  },
  { words: 'real time', answers: ['faq#how-late-is-it-is-there-real-time', 'serving#real-time'] },
  { words: 'lost state', answers: ['faq#what-if-the-state-is-lost'] },
  { words: 'gdpr', answers: ['faq#how-do-i-delete-a-user-for-gdpr'] },
  { words: 'phone home', answers: ['faq#does-it-phone-home'] },
  { words: 'slack', answers: ['faq#how-do-i-know-that-something-is-wrong', 'config#alerts'] },
  {
    words: 'airflow',
    answers: ['faq#can-it-run-without-github-gitlab-airflow-cron-kubernetes'],
  },
  { words: 'personal data', answers: ['faq#what-personal-data-does-it-keep'] },
  {
    words: 'verifyWebhook',
    answers: ['reference/segment/functions/verifyWebhook#function-verifywebhook'],
  },
]
