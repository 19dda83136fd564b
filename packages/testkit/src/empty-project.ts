import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../../..')

/** A project of somebody else's, that installed packages of ours. */
export interface EmptyProject {
  readonly directory: string
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Packs packages of the workspace as they are built, and unpacks them where a project would have them.
 *
 * What they depend on is linked from this repository; nothing else is there, peers included.
 *
 * @param names - folders under packages/
 */
export async function emptyProject(names: readonly string[]): Promise<EmptyProject> {
  const directory = await mkdtemp(join(tmpdir(), 'engage-sync-project-'))
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }')
  const dependencies = new Set<string>()
  for (const name of names)
    for (const dependency of await install(name, directory)) dependencies.add(dependency)
  for (const name of dependencies)
    if (!name.startsWith('@engage-sync/')) await link(name, directory)
  return {
    directory,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}

/** Gives the names of what it depends on. */
async function install(name: string, project: string): Promise<readonly string[]> {
  const { stdout } = await run(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', project],
    { cwd: join(ROOT, 'packages', name) },
  )
  const [packed] = JSON.parse(stdout) as readonly { readonly filename: string }[]
  if (packed === undefined) throw new Error(`npm packed nothing of ${name}`)
  const target = join(project, 'node_modules/@engage-sync', name)
  await mkdir(target, { recursive: true })
  await run('tar', ['-xzf', join(project, packed.filename), '-C', target, '--strip-components=1'])
  const { dependencies = {} } = JSON.parse(
    await readFile(join(target, 'package.json'), 'utf8'),
  ) as {
    readonly dependencies?: Readonly<Record<string, string>>
  }
  return Object.keys(dependencies)
}

async function link(name: string, project: string): Promise<void> {
  const target = join(project, 'node_modules', name)
  await mkdir(dirname(target), { recursive: true })
  await symlink(join(ROOT, 'node_modules', name), target)
}
