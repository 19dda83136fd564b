import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { scriptedBraze } from '../scripted-braze.ts'

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))

/** Runs a call in a process of its own; what it loaded of our ways, and of got. */
async function loadedBy(call: string): Promise<readonly string[]> {
  await using braze = await scriptedBraze(() => ({
    status: 201,
    body: { message: 'success', users: [] },
  }))
  const program = `
    import { registerHooks } from 'node:module'
    const loaded = new Set()
    registerHooks({ load: (url, context, next) => (loaded.add(url), next(url, context)) })
    const { createBrazeClient } = await import('@engage-sync/braze')
    const braze = createBrazeClient({ endpoint: '${braze.url}', apiKey: 'k', cohorts: { partner: 'p', partnerApiKey: 'k', clientSecret: 's' } })
    await braze.${call}
    await braze.close()
    console.log(JSON.stringify([...loaded].filter((url) => /node_modules.got.dist.source.index/.test(url))))`
  const flags = [
    '--no-warnings',
    '--conditions=engage-sync-source',
    '--input-type=module',
    '--eval',
    program,
  ]

  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: ROOT })

  expect(braze.arrived).toHaveLength(1)
  return JSON.parse(stdout) as string[]
}

describe('the two ways to the network', () => {
  it.each([
    "track({ attributes: [{ external_id: 'u', a: 1 }] })",
    "track({ attributes: [{ external_id: 'u', a: 1 }] }, { endpoint: 'bulk' })",
    "track({ attributes: [{ external_id: 'u', a: 1 }] }, { endpoint: 'sync' })",
    "changeCohort('vip', [{ user_ids: ['u'] }])",
  ])('%s takes the hot one, and loads no got', async (call) => {
    expect(await loadedBy(call)).toEqual([])
  })

  it.each([
    "exportIds({ external_ids: ['u'], fields_to_export: ['external_id'] })",
    'identify({ aliases_to_identify: [] })',
    "delete({ external_ids: ['u'] })",
    'listEvents()',
  ])('%s takes got', async (call) => {
    expect(await loadedBy(call)).toHaveLength(1)
  })
})
