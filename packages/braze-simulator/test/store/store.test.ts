import { spawn } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { startSimulator } from '../../src/index.ts'
import { end, spawnSimulator, track } from '../spawned.ts'

let path: string
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'simulator-')), 'deep', 'store.ndjson')
})

const dumpOf = async (url: string) =>
  (await fetch(`${url}/simulator/dump?parts=users,cohorts,attribute_types,ledger,drops`)).text()
const request = (number: number) => ({
  attributes: [
    {
      external_id: `u${number % 7}`,
      n: { inc: 1 },
      list: { add: [number] },
      email: `u${number % 7}@example.com`,
      last: `2026-03-${10 + number}`,
    },
    {
      user_alias: { alias_name: `n${number % 3}`, alias_label: 'l' },
      number,
      _update_existing_only: number % 2 === 0,
    },
  ],
  events: [
    { external_id: `u${number % 7}`, name: 'E', time: '2026-03-01', properties: { number } },
  ],
})

const send = async (url: string, to: string, body: object) => {
  const headers = { authorization: 'Bearer simulator', 'content-type': 'application/json' }
  return (await fetch(url + to, { method: 'POST', headers, body: JSON.stringify(body) })).json()
}

describe('a store', () => {
  it('brings everything back, whatever was done', async () => {
    const first = await startSimulator({ store: path })
    for (let number = 0; number < 20; number++) await track(first.url, request(number))
    const secrets = { partner_api_key: 'simulator', client_secret: 'simulator', cohort_id: 'c' }
    const post = (to: string, body: object) =>
      fetch(first.url + to, {
        method: 'POST',
        headers: { authorization: 'Bearer simulator', 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    first.settle()
    await post('/partners/simulator/cohorts', {
      ...secrets,
      name: 'Fans',
      created_at: '2026-03-01',
    })
    await post('/partners/simulator/cohorts/users', {
      ...secrets,
      cohort_changes: [{ user_ids: ['u1', 'u2', 'nobody'] }],
    })
    first.settle()
    const before = await dumpOf(first.url)
    await first.close()

    const second = await startSimulator({ store: path })
    const after = await dumpOf(second.url)
    await second.close()

    expect(after).toBe(before)
    expect(JSON.parse(after).cohorts).toHaveLength(1)
  })

  it('brings back old ids, revenue and the time a profile was made, and reads files without them', async () => {
    const ask = {
      external_ids: ['old'],
      fields_to_export: ['external_id', 'created_at', 'total_revenue'],
    }
    const first = await startSimulator({ store: path, settings: { applyDelayMs: 0 } })
    const purchase = {
      external_id: 'old',
      product_id: 'hat',
      currency: 'USD',
      price: 2,
      quantity: 3,
      time: '2026-11-20',
    }
    await track(first.url, { purchases: [purchase] })
    const rename = { external_id_renames: [{ current_external_id: 'old', new_external_id: 'new' }] }
    await send(first.url, '/users/external_ids/rename', rename)
    const before = await send(first.url, '/users/export/ids', ask)
    await first.close()

    const second = await startSimulator({ store: path })
    expect(await send(second.url, '/users/export/ids', ask)).toEqual(before)
    await second.close()
    const plain = readFileSync(path, 'utf8')
      .replaceAll(/,"(createdAt|revenue)":\d+/g, '')
      .replace('"deprecatedIds":["old"],', '')
    writeFileSync(path, plain)
    const third = await startSimulator({ store: path })
    const users = { users: [{ external_id: 'new', total_revenue: 0 }], message: 'success' }
    expect(await send(third.url, '/users/export/ids', { ...ask, external_ids: ['new'] })).toEqual(
      users,
    )
    await third.close()
  })

  it('counts requests of all time, of this process, and since the latest reset', async () => {
    const countsOf = async (url: string) => {
      const summary = (await (await fetch(`${url}/simulator/summary`)).json()) as {
        requests: number
        all_requests: number
      }
      return [summary.requests, summary.all_requests]
    }
    const first = await startSimulator({ store: path })
    for (let number = 0; number < 3; number++) await track(first.url, request(number))
    first.reset()
    for (let number = 0; number < 2; number++) await track(first.url, request(number))
    expect(await countsOf(first.url)).toEqual([2, 2])
    await first.close()

    const second = await startSimulator({ store: path })
    await track(second.url, request(2))
    expect(await countsOf(second.url)).toEqual([1, 3])
    await second.close()
  })

  it('loses nothing that was answered when its process is killed, not even what waited', async () => {
    const { child, url } = await spawnSimulator(['--store', path, '--apply-delay-ms', '60000'])
    for (let number = 0; number < 20; number++) await track(url, request(number))
    const other = await startSimulator()
    for (let number = 0; number < 20; number++) await track(other.url, request(number))
    other.settle()

    await end(child, 'SIGKILL')
    const revived = await startSimulator({ store: path })
    const [kept, wanted] = [await dumpOf(revived.url), await dumpOf(other.url)]
    await revived.close()
    await other.close()

    expect(kept).toBe(wanted)
  })

  it('keeps the order of shuffled writes over a kill', async () => {
    const flags = ['--store', path, '--apply-shuffle', 'true', '--apply-delay-ms', '20']
    const { child, url } = await spawnSimulator(flags)
    for (let number = 0; number < 30; number++)
      await track(url, { attributes: [{ external_id: 'u', order: { add: [number] } }] })
    await fetch(`${url}/simulator/settle`, { method: 'POST' })
    const before = await dumpOf(url)

    await end(child, 'SIGKILL')
    const revived = await startSimulator({ store: path })
    const after = await dumpOf(revived.url)
    await revived.close()

    expect(after).toBe(before)
  })

  it('drops a line that was cut off, wherever', async () => {
    const { child, url } = await spawnSimulator(['--store', path])
    for (let number = 0; number < 3; number++)
      await track(url, { attributes: [{ external_id: `u${number}`, n: number }] })
    await end(child, 'SIGKILL')
    const whole = statSync(path).size

    truncateSync(path, whole - 5)
    const revived = await startSimulator({ store: path })
    const users = JSON.parse(await dumpOf(revived.url)).users
    await track(revived.url, { attributes: [{ external_id: 'later', n: 1 }] })
    await revived.close()

    expect(users).toHaveLength(2)
    expect(readFileSync(path, 'utf8')).toContain('"later"')
  })

  it('stops at a line that is no JSON, with what came before', async () => {
    const { child, url } = await spawnSimulator(['--store', path])
    await track(url, { attributes: [{ external_id: 'u', n: 1 }] })
    await end(child, 'SIGKILL')

    appendFileSync(path, '{"line":"wo\u0000\n')
    const revived = await startSimulator({ store: path })
    const { users } = JSON.parse(await dumpOf(revived.url))
    await revived.close()

    expect(users).toHaveLength(1)
  })

  it('goes on over many lives, killed or closed, with any delay', async () => {
    const never = await startSimulator()
    for (let life = 0; life < 4; life++) {
      const flags = ['--store', path, '--apply-delay-ms', life % 2 === 0 ? '60000' : '0']
      const { child, url } = await spawnSimulator(flags)
      for (let number = 0; number < 5; number++) {
        const body = {
          attributes: [
            { external_id: `u${number}`, lives: { add: [life] }, last: life, n: { inc: 1 } },
          ],
        }
        await track(url, body)
        await track(never.url, body)
        never.settle()
      }
      await end(child, life === 1 ? 'SIGTERM' : 'SIGKILL')
    }

    const last = await startSimulator({ store: path })
    const [kept, wanted] = [await dumpOf(last.url), await dumpOf(never.url)]
    await last.close()
    await never.close()

    expect(kept).toBe(wanted)
  })

  it('does not write everything anew for a few lines', async () => {
    const first = await startSimulator({
      store: path,
      users: Array.from({ length: 20 }, (_, index) => ({ external_id: `u${index}`, n: 1 })),
    })
    await track(first.url, { attributes: [{ external_id: 'u1', n: 2 }] })
    await first.close()
    const before = statSync(path).ino

    await (await startSimulator({ store: path })).close()

    expect(statSync(path).ino).toBe(before)
  })

  it('forgets on reset, for good', async () => {
    const first = await startSimulator({ store: path })
    await track(first.url, { attributes: [{ external_id: 'u', n: 1 }] })
    first.reset()
    await first.close()

    const second = await startSimulator({ store: path })
    const { users } = JSON.parse(await dumpOf(second.url))
    await second.close()

    expect(users).toEqual([])
  })

  it('keeps seeded users, and leaves them as requests made them', async () => {
    const users = [{ external_id: 'u', custom_attributes: { n: 1 } }]
    const first = await startSimulator({ store: path, users })
    await track(first.url, { attributes: [{ external_id: 'u', n: 2 }] })
    await first.close()

    const second = await startSimulator({ store: path, users: [...users, { external_id: 'v' }] })
    await second.close()
    const third = await startSimulator({ store: path })
    const dump = JSON.parse(await dumpOf(third.url))
    await third.close()

    expect(
      dump.users.map((user: { external_id: string; custom_attributes: object }) => [
        user.external_id,
        user.custom_attributes,
      ]),
    ).toEqual([
      ['u', { n: 2 }],
      ['v', {}],
    ])
  })

  it('holds no secret', async () => {
    const simulator = await startSimulator({ store: path })
    const secrets = { api_key: 'canary', partner_api_key: 'canary', client_secret: 'canary' }
    const headers = { authorization: 'Bearer simulator', 'content-type': 'application/json' }
    const bodies = {
      '/users/track': { attributes: [{ external_id: 'u', n: 1 }] },
      '/users/alias/new': { user_aliases: [{ alias_name: 'n', alias_label: 'l' }] },
      '/users/identify': {
        aliases_to_identify: [
          { external_id: 'v', user_alias: { alias_name: 'n', alias_label: 'l' } },
        ],
      },
      '/users/delete': { external_ids: ['x'] },
    }
    for (const [to, body] of Object.entries(bodies))
      await fetch(simulator.url + to, {
        method: 'POST',
        headers,
        body: JSON.stringify({ ...body, ...secrets }),
      })

    const text = readFileSync(path, 'utf8')
    await simulator.close()

    expect(text.match(/"line":"work"/g)).toHaveLength(4)
    expect(text).not.toContain('canary')
  })

  it('is for its owner alone', async () => {
    const simulator = await startSimulator({ store: path })

    expect(statSync(path).mode & 0o077).toBe(0)
    await simulator.close()
  })

  it('refuses a file that is something else, and leaves it as it was', async () => {
    const simulator = await startSimulator({ store: path })
    await simulator.close()
    writeFileSync(path, '{"hello":"world"}\n')

    await expect(startSimulator({ store: path })).rejects.toMatchObject({ code: 'SIMULATOR_STORE' })
    expect(readFileSync(path, 'utf8')).toBe('{"hello":"world"}\n')
    expect(existsSync(`${path}.lock`)).toBe(false)
  })

  it('is open once: here, and in other processes', async () => {
    const { child } = await spawnSimulator(['--store', path])
    await expect(startSimulator({ store: path })).rejects.toMatchObject({
      code: 'SIMULATOR_STORE_BUSY',
    })
    await end(child, 'SIGKILL')

    const simulator = await startSimulator({ store: path })
    await expect(startSimulator({ store: path })).rejects.toMatchObject({
      code: 'SIMULATOR_STORE_BUSY',
    })
    await simulator.close()
    await (await startSimulator({ store: path })).close()
  })

  it.skipIf(process.platform !== 'linux')(
    'is taken over from a process that ended, though nobody asked for its end',
    async () => {
      await (await startSimulator({ store: path })).close()
      // The child ends once its parent has become one that asks for nobody's end: a shell may ask.
      const parent = spawn('sh', ['-c', '(read go <&3) & echo $!; exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
      })
      onTestFinished(() => void parent.kill('SIGKILL'))
      const pid = await new Promise<string>((resolve) =>
        parent.stdout!.once('data', (data: Buffer) => resolve(String(data).trim())),
      )
      await vi.waitFor(() =>
        expect(readFileSync(`/proc/${parent.pid}/comm`, 'latin1')).toBe('sleep\n'),
      )
      ;(parent.stdio[3] as NodeJS.WritableStream).write('go\n')
      await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'latin1')).toContain(') Z '))
      writeFileSync(`${path}.lock`, pid)

      await (await startSimulator({ store: path })).close()
    },
  )
})
