/*
 * Has what is wrong with the packages as they would be published: what a consumer's Node or TypeScript would not find or
 * would take for something else.
 *
 * All of them in one process: starting the tools once a package takes longer than what they check.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

const PACKAGES = join(import.meta.dirname, '../packages')
/** Ways of finding types that packages of ES modules alone have no answer for. */
const NOT_FOR_MODULES: readonly string[] = ['node10', 'node16-cjs']

const directory = mkdtempSync(join(tmpdir(), 'engage-sync-packages-'))
try {
  const wrong: string[] = []
  for (const { name, tarball } of packed())
    for (const mistake of [...(await published(tarball)), ...(await typed(tarball))])
      wrong.push(`packages/${name}: ${mistake}\n`)
  process.stderr.write(wrong.join(''))
  process.exitCode = wrong.length === 0 ? 0 : 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}

interface Packed {
  /** Folder under packages/. */
  readonly name: string
  readonly tarball: Uint8Array<ArrayBuffer>
}

function packed(): readonly Packed[] {
  const names = readdirSync(PACKAGES).filter(isPublished)
  const made = execFileSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', directory].concat(
      names.flatMap((name) => ['--workspace', join(PACKAGES, name)]),
    ),
    { cwd: join(PACKAGES, '..'), encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const files = new Map(
    (JSON.parse(made) as readonly { readonly name: string; readonly filename: string }[]).map(
      (one) => [one.name, one.filename],
    ),
  )
  return names.map((name) => {
    const filename = files.get(`@engage-sync/${name}`)
    if (filename === undefined) throw new Error(`npm packed nothing of packages/${name}`)
    return { name, tarball: new Uint8Array(readFileSync(join(directory, filename))) }
  })
}

/** What Node would not find, or not as it is written. */
async function published({ buffer }: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const { messages, pkg } = await publint({ pack: { tarball: buffer } })
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code)
}

/** What TypeScript would not find, or not as Node does. */
async function typed(tarball: Uint8Array): Promise<string[]> {
  const found = await checkPackage(createPackageFromTarballData(tarball))
  if (found.types === false) return ['has no types']
  return found.problems
    .filter((one) => !('resolutionKind' in one && NOT_FOR_MODULES.includes(one.resolutionKind)))
    .map((one) => JSON.stringify(one))
}

function isPublished(name: string): boolean {
  const text = readFileSync(join(PACKAGES, name, 'package.json'), 'utf8')
  return (JSON.parse(text) as { readonly private?: boolean }).private !== true
}
