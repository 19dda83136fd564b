import { expect, it } from 'vitest'
import { ownerText } from '../../../src/state/format/owner-text.ts'

it.each([
  ['ci-3:4711:0cf2ac96-4026531836:628048', 'process 4711 on ci-3'],
  ['ci-3:4711::', 'process 4711 on ci-3'],
  ['ci-3:4711:0cf2ac96-4026531836:628048 (serve)', 'process 4711 on ci-3 (serve)'],
  ['a run elsewhere', 'a run elsewhere'],
  ['ci-3:4711:space', 'ci-3:4711:space'],
])('says who %s is', (owner, said) => {
  expect(ownerText(owner)).toBe(said)
})
