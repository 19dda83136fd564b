import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { scriptedBraze, SUCCESS } from './scripted-braze.ts'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')

const PROGRAM = `
import { createBrazeClient, createBrazeDestination } from '@engage-sync/braze'
import type { TrackResult } from '@engage-sync/braze'

const options = { endpoint: process.argv[2], apiKey: 'key-of-test' }
const client = createBrazeClient(options)
const result: TrackResult = await client.track({ attributes: [{ external_id: 'u', ltv: 7 }] })
await client.close()
const destination = createBrazeDestination(options)
const packer = destination.createPacker()
packer.add({ ref: 1, user: { externalId: 'u' }, attributes: '"ltv":8', attributeNames: ['ltv'], events: [], memberships: [], createUser: true })
const [request] = packer.flush()
for (let sent = 0; sent < 100; sent++) await destination.send(request, AbortSignal.timeout(10_000))
const sent = await destination.send(request, AbortSignal.timeout(30_000))
await destination.close()
console.log(JSON.stringify([result.refused, sent.outcomes]))
`

/** Packs a package of the workspace and unpacks it where a project would have it. */
async function install(name: string, project: string): Promise<Readonly<Record<string, string>>> {
  const source = join(ROOT, 'packages', name)
  const { stdout } = await run(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', project],
    { cwd: source },
  )
  const [{ filename }] = JSON.parse(stdout) as { filename: string }[]
  const target = join(project, 'node_modules/@engage-sync', name)
  await mkdir(target, { recursive: true })
  await run('tar', ['-xzf', join(project, filename), '-C', target, '--strip-components=1'])
  const { dependencies } = JSON.parse(await readFile(join(target, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  return dependencies
}

it(
  'works from its tarball in an empty project: types, program, and the thread',
  { timeout: 120_000 },
  async () => {
    const project = await mkdtemp(join(tmpdir(), 'braze-package-'))
    try {
      await run(process.execPath, [TSC, '-b', join(ROOT, 'packages/braze/tsconfig.json')])
      const dependencies = {
        ...(await install('core', project)),
        ...(await install('braze', project)),
        '@types/node': '',
      }
      for (const name of Object.keys(dependencies).filter(
        (each) => !each.startsWith('@engage-sync/'),
      )) {
        await mkdir(dirname(join(project, 'node_modules', name)), { recursive: true })
        await symlink(join(ROOT, 'node_modules', name), join(project, 'node_modules', name))
      }
      await writeFile(join(project, 'package.json'), '{ "type": "module" }')
      await writeFile(join(project, 'main.ts'), PROGRAM)
      await using braze = await scriptedBraze(() => SUCCESS)

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
      await run(process.execPath, [TSC, ...flags, 'main.ts'], { cwd: project })
      const { stdout } = await run(process.execPath, ['main.ts', braze.url], { cwd: project })

      expect(JSON.parse(stdout)).toEqual([[], [{ status: 'delivered' }]])
      expect(braze.arrived[0].body).toBe('{"attributes":[{"external_id":"u","ltv":7}]}')
      expect(braze.arrived).toHaveLength(102)
      // The client's connection, the destination's, and that of its thread.
      expect(new Set(braze.arrived.map(({ port }) => port)).size).toBe(3)
    } finally {
      await rm(project, { recursive: true, force: true })
    }
  },
)
