import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../../..')

/** What whoever uses one adapter has no use for: it comes with core, or with one kind of source. */
const HEAVY = ['@engage-sync/core', 'yaml', 'typebox', 'ajv', 're2js', '@aws-sdk/client-s3']
const LIBRARIES = ['contract', 'braze', 'segment', 'braze-simulator']

interface LockedPackage {
  readonly resolved?: string
  readonly link?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
}

const { packages: locked } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

/** Where a package stands for one at `from`: in its own folder, or in one above. */
function placeOf(name: string, from: string): string {
  const own = `${from === '' ? '' : `${from}/`}node_modules/${name}`
  if (locked[own] !== undefined) return own
  if (from === '') throw new Error(`${name} is not in the lock file`)
  return placeOf(name, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))))
}

/** All packages that npm installs with one, by the lock file: where each stands, and its name. */
function installedWith(
  name: string,
  from = '',
  found = new Map<string, string>(),
): ReadonlyMap<string, string> {
  const place = placeOf(name, from)
  if (found.has(place)) return found
  found.set(place, name)
  const { resolved, link } = locked[place]
  const target = link ? resolved! : place
  for (const dependency of Object.keys(locked[target].dependencies ?? {}))
    installedWith(dependency, target, found)
  return found
}

/** The packages whose modules are really loaded by an import of one, as it is built. */
async function loadedBy(name: string): Promise<ReadonlySet<string>> {
  const script = `
    import { registerHooks } from 'node:module'
    const urls = []
    registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context) } })
    await import('${name}')
    console.log(JSON.stringify(urls))`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script],
    { cwd: join(root, 'packages', 'runner') },
  )
  const urls = JSON.parse(stdout) as readonly string[]
  return new Set(
    urls.flatMap((url) => {
      const own = /\/packages\/([^/]+)\/dist\//.exec(url)?.[1]
      if (own !== undefined) return [`@engage-sync/${own}`]
      return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []
    }),
  )
}

describe.each(LIBRARIES)('@engage-sync/%s', (name) => {
  it('loads nothing heavy', async () => {
    const loaded = await loadedBy(`@engage-sync/${name}`)

    expect(loaded).toContain(`@engage-sync/${name}`)
    expect(HEAVY.filter((heavy) => loaded.has(heavy))).toEqual([])
  })

  it('has nothing heavy installed', () => {
    const installed = new Set(installedWith(`@engage-sync/${name}`).values())

    expect(HEAVY.filter((heavy) => installed.has(heavy))).toEqual([])
  })
})

it('core is heavy, so these tests would see it', async () => {
  expect([...(await loadedBy('@engage-sync/core'))]).toEqual(expect.arrayContaining(['yaml']))
  expect([...installedWith('@engage-sync/core').values()]).toEqual(
    expect.arrayContaining(['yaml', 'typebox', 'ajv']),
  )
})
