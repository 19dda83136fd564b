/**
 * Whether the libraries work on the Node that runs this: their built packages, as a program of somebody else's uses
 * them. CI runs it on the oldest Node they name and on the newest; plain JavaScript, so that any Node reads it.
 */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBrazeClient, createBrazeDestination } from '@engage-sync/braze'
import { startSimulator } from '@engage-sync/braze-simulator'
import { loadConfig } from '@engage-sync/core'
import { changes, createFileSource, verifyWebhook } from '@engage-sync/segment'

const directory = await mkdtemp(join(tmpdir(), 'engage-sync-libraries-'))
const braze = await startSimulator({
  store: join(directory, 'braze.sqlite'),
  settings: { applyDelayMs: 0 },
})
const to = { endpoint: braze.url, apiKey: 'simulator' }

const held = async (id) => {
  const user = await (await fetch(`${braze.url}/simulator/users/${id}`)).json()
  return user.custom_attributes
}

try {
  const client = createBrazeClient(to)
  const { attributes } = await client.track({ attributes: [{ external_id: 'ada', ltv: 1 }] })
  assert.equal(attributes, 1)
  assert.deepEqual(await held('ada'), { ltv: 1 })
  await client.close()

  const destination = createBrazeDestination({ ...to, thread: true })
  const packer = destination.createPacker()
  const update = {
    ref: 0,
    user: { externalId: 'ben' },
    attributes: '"ltv":2',
    attributeNames: ['ltv'],
  }
  packer.add({ ...update, events: [], memberships: [], createUser: true })
  for (const request of packer.flush()) {
    const { outcomes } = await destination.send(request, new AbortController().signal)
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['delivered'],
    )
  }
  assert.deepEqual(await held('ben'), { ltv: 2 })
  await destination.close()

  const event = {
    type: 'identify',
    userId: 'ada',
    timestamp: '2026-01-05T10:00:00Z',
    context: { personas: { computation_class: 'computed_trait', computation_key: 'ltv' } },
    traits: { ltv: 9007199254740993n },
  }
  const text = JSON.stringify(event, (_, value) =>
    typeof value === 'bigint' ? JSON.rawJSON(String(value)) : value,
  )
  await writeFile(join(directory, 'a.ndjson'), `${text}\n`)
  const read = []
  for await (const change of changes(createFileSource({ path: '*.ndjson', root: directory })))
    read.push(change)
  assert.deepEqual(
    read.map(({ key }) => key),
    ['ltv'],
  )

  const secret = 'a secret of some length'
  const signature = createHmac('sha1', secret).update(text).digest('hex')
  assert.ok(
    verifyWebhook(
      { body: Buffer.from(text), headers: { 'x-signature': signature } },
      { sharedSecret: secret },
    ).ok,
  )

  const file = { path: 'engage-sync.yaml', text: 'version: 2\n' }
  assert.ok(loadConfig([file], {}).diagnostics.length > 0)

  const require = createRequire(import.meta.url)
  assert.equal(typeof require('@engage-sync/braze').createBrazeClient, 'function')
  console.log(`The libraries work on Node ${process.version}.`)
} finally {
  await braze.close()
  await rm(directory, { recursive: true, force: true })
}
