import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { codeBlocks } from './markdown.ts'

const README = join(import.meta.dirname, '../../README.md')

it("runs the README's example of the library as it stands", async () => {
  const [example] = codeBlocks({ path: README, text: readFileSync(README, 'utf8') }).filter(
    ({ language }) => language === 'ts',
  )
  const { root } = makeProject({ 'data/a.ndjson': traitLine('u1', 'lifetime_value', 12) })
  const source = new URL('../../src/index.ts', import.meta.url).href
  const program = join(root, 'nightly.ts')
  const printed: string[] = []
  // The example says what its own project would: nothing but the place of the library is replaced.
  writeFileSync(
    program,
    `${example.text.replace("'@engage-sync/runner'", `'${source}'`)}\nexport {}\n`,
  )
  const log = console.log
  console.log = (...words: unknown[]) => void printed.push(words.join(' '))
  try {
    await import(program)
  } finally {
    console.log = log
  }

  expect(printed.join('\n')).toContain('1 of 1 users would change')
  expect(printed.join('\n')).toContain('done: 1 attributes')
})
