import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startSimulator } from '@engage-sync/braze-simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBrazeDestination } from '../src/destination/destination.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const BLOCKS = [...README.matchAll(/```ts\n([\s\S]*?)```/gu)].map(([, text]) => text)

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'engage-sync-readme-'))
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
  await writeFile(join(directory, 'package.json'), '{"type":"module"}')
})
afterAll(() => rm(directory, { recursive: true, force: true }))

it.each([
  ['the smallest example', 'createBrazeClient', '1 taken\nattributes[1] refused: BRAZE_EMAIL\n'],
  ['many users', 'trackAll', '1000 delivered\n'],
  [
    'an engine',
    'createPacker',
    'request 1: 75 of 75 delivered\nrequest 2: 75 of 75 delivered\nrequest 3: 50 of 50 delivered\n',
  ],
])('%s of the README runs', async (_, part, output) => {
  const simulator = await startSimulator()
  const file = join(directory, 'example.ts')
  await writeFile(
    file,
    BLOCKS.find((block) => block.includes(part))!,
  )
  const env = { ...process.env, BRAZE_ENDPOINT: simulator.url, BRAZE_API_KEY: 'simulator' }

  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--conditions=engage-sync-source', file],
    { cwd: ROOT, env },
  )

  expect(stdout).toBe(output)
  expect(stderr).toBe('')
  await simulator.close()
})

it('compiles under strict', { timeout: 120_000 }, async () => {
  const files = await Promise.all(
    BLOCKS.map(async (block, index) => {
      await writeFile(join(directory, `block-${index}.ts`), block)
      return `block-${index}.ts`
    }),
  )
  const flags = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--types',
    'node',
    '--skipLibCheck',
  ]
  const source = ['--customConditions', 'engage-sync-source', '--allowImportingTsExtensions']

  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  await promisify(execFile)(process.execPath, [tsc, ...flags, ...source, ...files], {
    cwd: directory,
  })

  expect(files).toHaveLength(3)
})

describe('the options of the README', () => {
  const rows = [...README.matchAll(/^\| `([^|]+?)`\s+\|/gmu)].flatMap(([, names]) =>
    names.split('`, `'),
  )

  it('are the ones there are', () => {
    const sources = ['exchange/connect.ts', 'destination/destination.ts']
      .map((name) => readFileSync(new URL(`../src/${name}`, import.meta.url), 'utf8'))
      .join('\n')
    const declared = [...sources.matchAll(/^ {2}readonly (\w+)\??: /gmu)].map(([, name]) => name)

    expect(rows.filter((name) => declared.includes(name)).toSorted()).toEqual(
      [...new Set(declared)].toSorted(),
    )
  })

  it('have the defaults they say', () => {
    const destination = createBrazeDestination({ endpoint: 'US-01', apiKey: 'k' })

    expect(README).toMatch(
      new RegExp(`\`settleMs\`.*${destination.settleMs.toLocaleString('en')}`, 'u'),
    )
    expect(README).toMatch(new RegExp(`\`concurrency\`.*${destination.concurrency}`, 'u'))
  })
})
