import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

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
  ['the smallest example', 'of changes(source)', /^dormant: \d+ users, nora: true\n$/u],
  ['a test with a fake service', 'startFakeProfileApi', /^229 after 2 requests\n$/u],
  ['decoding one event', 'Joined the club', /^audience vip true\n$/u],
])('%s of the README runs', async (_, part, output) => {
  const file = join(directory, 'example.ts')
  await writeFile(
    file,
    BLOCKS.find((block) => block.includes(part))!,
  )

  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--conditions=engage-sync-source', file],
    { cwd: ROOT },
  )

  expect(stdout).toMatch(output)
  expect(stderr).toBe('')
})

it('holds examples that compile under strict, as a reader would compile them', async () => {
  await Promise.all(
    BLOCKS.map((block, number) => writeFile(join(directory, `block-${number}.ts`), block)),
  )
  const options = {
    strict: true,
    noEmit: true,
    target: 'es2024',
    module: 'nodenext',
    types: ['node'],
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    customConditions: ['engage-sync-source'],
  }
  await writeFile(
    join(directory, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, include: ['block-*.ts'] }),
  )

  const compiled = await promisify(execFile)(
    join(ROOT, 'node_modules/.bin/tsc'),
    ['-p', directory],
    { cwd: directory },
  ).catch((error: { readonly stdout: string }) => error)

  expect(compiled.stdout).toBe('')
})
