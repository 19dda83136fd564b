import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { emptyProject } from '@engage-sync/testkit'
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

it(
  'works from its tarball in an empty project: types, program, and the thread',
  { timeout: 120_000 },
  async () => {
    await run(process.execPath, [TSC, '-b', join(ROOT, 'packages/braze/tsconfig.json')])
    await using project = await emptyProject(['contract', 'braze'])
    const cwd = project.directory
    await writeFile(join(cwd, 'main.ts'), PROGRAM)
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
      '--typeRoots',
      join(ROOT, 'node_modules/@types'),
    ]
    await run(process.execPath, [TSC, ...flags, 'main.ts'], { cwd })
    const { stdout } = await run(process.execPath, ['main.ts', braze.url], { cwd })

    expect(JSON.parse(stdout)).toEqual([[], [{ status: 'delivered' }]])
    expect(braze.arrived[0].body).toBe('{"attributes":[{"external_id":"u","ltv":7}]}')
    expect(braze.arrived).toHaveLength(102)
    // The client's connection, the destination's, and that of its thread.
    expect(new Set(braze.arrived.map(({ port }) => port)).size).toBe(3)
  },
)
