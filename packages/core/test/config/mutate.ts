import fc from 'fast-check'

/** What people, editors and merges leave behind, and what parsers trip over. */
const ODD = [
  '__proto__',
  'constructor',
  'toString',
  '!!js/function',
  '!env',
  '&a',
  '*a',
  '<<',
  '|',
  '>-',
  '\t',
  '%YAML 1.1',
  '\n---\n',
  '...',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  ',',
  ': ',
  '- ',
  '? ',
  '#',
  '@',
  '\\',
  '${',
  '${NAME}',
  '999999999999999999999',
  '1e999',
  '-0',
  '.nan',
  '0x7f',
  '1_000',
  'null',
  '~',
  'true',
  'yes',
  "''",
  '[]',
  '{}',
  '2026-13-45',
  '😀',
  '\u0000',
  '\u2028',
  '\uFEFF',
  '\uD800',
  '\uFFFD',
  '$',
  '.',
  '..',
  '\\.',
  '(',
  '(?=x)',
  '[z-a]',
  'a{9999}',
  'x'.repeat(300),
  '['.repeat(100),
  '{ not: '.repeat(80),
  '\n<<<<<<< HEAD\n',
] as const

const WORDS = [
  'trait',
  'audience',
  'event',
  'all',
  'any',
  'not',
  'when',
  'attribute',
  'element',
  'type',
  'number',
  'array',
  'id',
  'exactly',
]

/** One change to a text: where (a share of its tokens), how, and with what. */
export interface Mutation {
  readonly at: number
  readonly to: number
  readonly kind: 'delete' | 'duplicate' | 'swap' | 'insert' | 'replace' | 'cut'
  readonly odd: string
}

/** Some changes to a text. */
export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    to: fc.double({ min: 0, max: 1, noNaN: true }),
    kind: fc.constantFrom('delete', 'duplicate', 'swap', 'insert', 'replace', 'cut'),
    odd: fc.constantFrom(...ODD, ...WORDS),
  }),
  { minLength: 1, maxLength: 4 },
)

/** Applies the changes to the tokens of a text: words, runs of blanks, single signs. */
export function mutate(text: string, changes: readonly Mutation[]): string {
  const tokens = text.match(/[\p{L}\p{N}_$]+|[ \t]+|[^]/gu) ?? []
  for (const { at, to, kind, odd } of changes) {
    const index = Math.floor(at * tokens.length)
    const other = Math.floor(to * tokens.length)
    if (kind === 'insert') tokens.splice(index, 0, odd)
    else if (kind === 'replace') tokens.splice(index, 1, odd)
    else if (kind === 'delete') tokens.splice(index, 1)
    else if (kind === 'duplicate') tokens.splice(other, 0, ...tokens.slice(index, index + 8))
    else if (kind === 'cut') tokens.splice(index, Math.ceil(to * 12))
    else if (index < tokens.length && other < tokens.length)
      [tokens[index], tokens[other]] = [tokens[other], tokens[index]]
  }
  return tokens.join('')
}
