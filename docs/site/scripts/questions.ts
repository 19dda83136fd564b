/** What somebody types into the search, and the address of the answer that must be among the first hits. */
export interface Question {
  readonly words: string
  readonly answer: string
}

export const QUESTIONS: readonly Question[] = [
  { words: 'exit codes', answer: 'operating#exit-codes' },
]
