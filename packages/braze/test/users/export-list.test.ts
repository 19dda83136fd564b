import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator } from '@engage-sync/braze-simulator'
import type { ExportedList, ExportedProfile } from '@engage-sync/contract'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { exportList } from '../../src/users/export-list.ts'
import { connection, SIGNAL } from '../connection.ts'
import { scriptedBraze } from '../scripted-braze.ts'
import { alias } from '../updates.ts'

const FIELDS = { attributes: ['ltv', 'email'], events: true }
const EVERYBODY = {
  id: 'everybody',
  name: 'Everybody',
  filter: { custom_attribute: { custom_attribute_name: 'ltv', comparison: 'exists' } },
}

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'engage-sync-list-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
})

async function collect(
  url: string,
  list: ExportedList,
  key = 'simulator',
): Promise<readonly ExportedProfile[]> {
  await using made = connection(url, { apiKey: key })
  const profiles: ExportedProfile[] = []
  for await (const profile of exportList(made.shared, list, { fields: FIELDS, signal: SIGNAL }))
    profiles.push(profile)
  return profiles
}

async function simulatorOf(count: number, settings: object = {}) {
  const simulator = await startSimulator({
    users: Array.from({ length: count }, (_, index) => ({
      external_id: `u${index}`,
      ltv: index,
      other: true,
    })),
    segments: [EVERYBODY],
    settings,
  })
  onTestFinished(() => simulator.close())
  return simulator
}

/** A server with a path that answers what it is told. */
async function serving(
  answers: readonly (number | Buffer)[],
): Promise<{ url: string; seen: object[] }> {
  const seen: object[] = []
  let left = [...answers]
  const server = createServer((request, response) => {
    seen.push(request.headers)
    const [answer = 404, ...rest] = left
    left = rest.length > 0 ? rest : left
    if (typeof answer === 'number') response.writeHead(answer).end()
    else response.writeHead(200).end(answer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.zip?signature=s3cret`,
    seen,
  }
}

async function brazeSaying(body: object): Promise<string> {
  const braze = await scriptedBraze(() => ({ status: 201, body }))
  onTestFinished(() => braze[Symbol.asyncDispose]())
  return braze.url
}

const segment: ExportedList = { segment: 'everybody' }

describe('exportList', () => {
  it('gives every user of a segment, over several files of its archive', async () => {
    const simulator = await simulatorOf(5001)

    const profiles = await collect(simulator.url, segment)

    expect(profiles).toHaveLength(5001)
    expect(profiles[5000]).toEqual({
      users: [{ externalId: 'u5000' }],
      attributes: new Map([['ltv', 5000]]),
      events: new Map(),
      others: ['other'],
    })
  })

  it('waits until the archive is there, and sends the key to nobody but Braze', async () => {
    const { url: braze } = await simulatorOf(2)
    const made = (await (
      await fetch(`${braze}/users/export/segment`, {
        method: 'POST',
        headers: { authorization: 'Bearer simulator', 'content-type': 'application/json' },
        body: JSON.stringify({ segment_id: 'everybody', fields_to_export: ['external_id'] }),
      })
    ).json()) as { url: string }
    const archive = Buffer.from(await (await fetch(made.url)).arrayBuffer())
    const storage = await serving([404, 403, 503, archive])
    const before = temporary()

    const profiles = await collect(
      await brazeSaying({ message: 'success', url: storage.url }),
      segment,
    )

    expect(profiles.map(({ users }) => users)).toEqual([
      [{ externalId: 'u0' }],
      [{ externalId: 'u1' }],
    ])
    expect(storage.seen).toHaveLength(4)
    expect(JSON.stringify(storage.seen)).not.toContain('simulator')
    expect(temporary()).toEqual(before)
  })

  it('reads files as they are, aliases included', async () => {
    const file = join(directory, 'users.json')
    writeFileSync(
      file,
      '{"external_id":"u1","user_aliases":[{"alias_name":"a1","alias_label":"anonymous"}],"email":"e@example.com"}\n\n{"custom_attributes":{"ltv":7}}',
    )

    const profiles = await collect('http://127.0.0.1:1', { files: [file] })

    expect(profiles.map(({ users }) => users)).toEqual([[alias('a1'), { externalId: 'u1' }], []])
    expect(profiles.map(({ attributes }) => Object.fromEntries(attributes))).toEqual([
      { email: 'e@example.com' },
      { ltv: 7 },
    ])
  })

  it('says where the export goes where Braze gives no address', async () => {
    const url = await brazeSaying({ message: 'success', object_prefix: 'segment-export/x' })

    await expect(collect(url, segment)).rejects.toMatchObject({
      code: 'BRAZE_EXPORT',
      message: expect.stringContaining('segment-export/x'),
      hint: expect.stringContaining('--exported'),
    })
  })

  it.each([
    ['an address others can read along', 'http://storage.example/a.zip?signature=s3cret'],
    ['no address', 's3cret'],
  ])('asks nothing of %s, and repeats none of it', async (_, url) => {
    const failed = await collect(await brazeSaying({ message: 'success', url }), segment).catch(
      String,
    )

    expect(failed).toContain('is not to be had')
    expect(failed).not.toContain('s3cret')
  })

  it.each([
    ['is gone', 410],
    ['is none', Buffer.from('<html>log in</html>')],
  ])('says so where the archive %s', async (_, answer) => {
    const storage = await serving([answer])

    await expect(
      collect(await brazeSaying({ message: 'success', url: storage.url }), segment),
    ).rejects.toMatchObject({ code: 'BRAZE_EXPORT' })
  })

  it('refuses an archive that was cut short or damaged, whatever was', async () => {
    const { url } = await simulatorOf(50)
    const made = (await (
      await fetch(`${url}/users/export/segment`, {
        method: 'POST',
        headers: { authorization: 'Bearer simulator', 'content-type': 'application/json' },
        body: JSON.stringify({ segment_id: 'everybody', fields_to_export: ['external_id'] }),
      })
    ).json()) as { url: string }
    const archive = Buffer.from(await (await fetch(made.url)).arrayBuffer())
    const file = join(directory, 'damaged.zip')
    const tried = [
      0,
      3,
      40,
      Math.floor(archive.length / 2),
      archive.length - 30,
      archive.length - 60,
    ]

    for (const at of tried) {
      writeFileSync(file, archive.subarray(0, at))
      await expect(collect(url, { files: [file] }), `cut at ${at}`).rejects.toMatchObject({
        code: 'BRAZE_EXPORT',
      })
    }
    const broken = Buffer.from(archive)
    broken.fill(0xff, 40, 60)
    writeFileSync(file, broken)
    await expect(collect(url, { files: [file] })).rejects.toMatchObject({ code: 'BRAZE_EXPORT' })
  })

  it('shows nothing of a line that is no user', async () => {
    const file = join(directory, 'users.json')
    writeFileSync(file, '{"external_id":"u1"}\n{"email":"somebody@example.com"')

    const failed = await collect('http://127.0.0.1:1', { files: [file] }).catch(String)

    expect(failed).toContain('no JSON object')
    expect(failed).not.toContain('somebody')
  })
})

function temporary(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('engage-sync-export-'))
}
