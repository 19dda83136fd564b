import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { codeBlocks, readPages, ROOT } from './markdown.ts'

const blocks = readPages()
  .filter(({ path }) => !path.endsWith('CHANGELOG.md'))
  .flatMap(codeBlocks)
  .filter(({ language }) => language === 'ts')

const OPTIONS = {
  target: 'es2024',
  module: 'nodenext',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: ['node'],
  allowImportingTsExtensions: true,
  customConditions: ['engage-sync-source'],
}

/** tsc's complaints by block. */
const complaints = new Map<string, string[]>()
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'engage-sync-docs-'))
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
  await mkdir(join(directory, 'blocks'))
  await writeFile(join(directory, 'package.json'), JSON.stringify({ type: 'module' }))
  await writeFile(
    join(directory, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: OPTIONS, include: ['blocks'] }),
  )
  await Promise.all(
    blocks.map(({ text }, index) =>
      writeFile(join(directory, 'blocks', `${index}.ts`), `${text}\nexport {}\n`),
    ),
  )
  const tsc = join(ROOT, 'node_modules/.bin/tsc')
  const said = await promisify(execFile)(tsc, ['-p', '.'], { cwd: directory }).catch(
    (error: { stdout: string }) => error,
  )
  for (const line of said.stdout.split('\n')) {
    const index = /^blocks\/(\d+)\.ts/.exec(line)?.[1]
    const key = index === undefined ? 'elsewhere' : blocks[Number(index)].place
    if (/^\S/.test(line)) complaints.set(key, [...(complaints.get(key) ?? []), line])
  }
})

afterAll(() => rm(directory, { recursive: true, force: true }))

it.each(blocks.map(({ place }) => place))('the TypeScript at %s compiles', (place) => {
  expect(complaints.get(place) ?? []).toEqual([])
})

it('nothing else is wrong', () => {
  expect(complaints.get('elsewhere') ?? []).toEqual([])
})
