import { isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml'
import type { Pair, YAMLMap } from 'yaml'
import type { Json } from '@engage-sync/contract'
import type { CaseConfig, CasesConfig } from '../schema/cases.ts'
import type { AcceptedExpectation } from './accept.ts'
import { blockYaml, flowYaml } from './yaml-text.ts'

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * The text of a cases file with other expectations.
 *
 * Shape: new expectations by the case's place in the file (0 is the first) in; the same text out,
 * but for the values of those `expect` keys: comments, order and style of everything else stay.
 */
export function rewriteExpectations(
  text: string,
  accepted: ReadonlyMap<number, AcceptedExpectation>,
): string {
  const cases = parseDocument(text).get('cases')
  if (!isSeq(cases)) return text
  const edits = [...accepted].flatMap(([index, expectation]) => {
    const node = cases.items[index]
    return isMap(node) ? editOf(text, node, expectation as Readonly<Record<string, Json>>) : []
  })
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce(
      (done, { start, end, text: next }) => done.slice(0, start) + next + done.slice(end),
      text,
    )
}

function editOf(
  text: string,
  testCase: YAMLMap,
  expectation: Readonly<Record<string, Json>>,
): readonly Edit[] {
  const pair = testCase.items.find(
    (each): each is Pair => isPair(each) && isScalar(each.key) && each.key.value === 'expect',
  )
  const place = pair === undefined ? null : placeOf(text, pair)
  if (place === null) return []
  const isFlow = testCase.flow === true || Object.keys(expectation).length === 0
  const written = isFlow
    ? ` ${flowYaml(expectation)}`
    : ['', ...blockYaml(expectation, place.column + 2)].join('\n')
  return [{ start: place.start, end: place.end, text: written }]
}

/** From behind the colon to the end of the value, and the column of the key. */
function placeOf(
  text: string,
  { key, value }: Pair,
): { start: number; end: number; column: number } | null {
  const keyRange = isScalar(key) ? key.range : null
  const range = (value as { range?: readonly [number, number, number] | null } | null)?.range
  if (!keyRange || !range) return null
  const start = text.indexOf(':', keyRange[1]) + 1
  const end = Math.max(start, start + text.slice(start, range[1]).trimEnd().length)
  return { start, end, column: keyRange[0] - (text.lastIndexOf('\n', keyRange[0] - 1) + 1) }
}

/** A cases file as text, as a person would write it. */
export function casesYaml({ version, cases }: CasesConfig): string {
  return [`version: ${version}`, '', 'cases:', ...cases.flatMap(caseLines)].join('\n') + '\n'
}

function caseLines(testCase: CaseConfig): readonly string[] {
  const { events, expect, ...rest } = testCase
  const [first = '', ...others] = blockYaml(rest as Readonly<Record<string, Json>>, 4)
  return [
    `  - ${first.trimStart()}`,
    ...others,
    ...(events === undefined
      ? []
      : ['    events:', ...events.map((event) => `      - ${flowYaml(event as unknown as Json)}`)]),
    ...(Object.keys(expect).length === 0
      ? ['    expect: {}']
      : ['    expect:', ...blockYaml(expect as Readonly<Record<string, Json>>, 6)]),
    '',
  ]
}
