import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LOCAL_TLS, OTHER_HOST_TLS, startPostgres } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exitCodeOf } from '../../../src/process/exit.ts'
import { openPostgres } from '../../../src/state/postgres/open-postgres.ts'
import { postgresError } from '../../../src/state/postgres/connection/errors.ts'

let directory: string
let servers: Readonly<Record<'none' | 'local' | 'elsewhere', PostgresServer>>

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'engage-sync-tls-'))
  writeFileSync(join(directory, 'local.pem'), LOCAL_TLS.cert)
  writeFileSync(join(directory, 'elsewhere.pem'), OTHER_HOST_TLS.cert)
  writeFileSync(join(directory, 'empty.pem'), 'no certificate')
  const [none, local, elsewhere] = await Promise.all([
    startPostgres(),
    startPostgres(LOCAL_TLS),
    startPostgres(OTHER_HOST_TLS),
  ])
  servers = { none, local, elsewhere }
}, 60_000)

afterAll(async () => {
  for (const server of Object.values(servers)) await server.stop()
  rmSync(directory, { recursive: true, force: true })
})

/** What opening a state leads to, by server and the rest of `state.url`; files are those of the test. */
async function opening(
  server: keyof typeof servers,
  parameters: string,
): Promise<readonly [code: string, exit: number, text: string]> {
  const url = `${servers[server].url}?${parameters.replace('rootcert=', `rootcert=${directory}/`)}`
  try {
    const store = await openPostgres({
      url,
      environment: 'production',
      workspace: 'simulator',
      create: true,
    })
    await store.close()
    return ['open', 0, '']
  } catch (error) {
    const { code, message, hint } = error as { code: string; message: string; hint?: string }
    return [code, exitCodeOf(error), `${message} ${hint ?? ''}`]
  }
}

describe('a server', () => {
  it.each([
    ['none', ''],
    ['none', 'sslmode=disable'],
    ['local', ''],
    ['local', 'sslmode=disable'],
    ['local', 'sslmode=no-verify'],
    ['elsewhere', 'sslmode=no-verify'],
    ['local', 'sslmode=require&sslrootcert=local.pem'],
    ['local', 'sslmode=verify-ca&sslrootcert=local.pem'],
    ['local', 'sslmode=verify-full&sslrootcert=local.pem'],
  ] as const)('with TLS %s opens with %s', async (server, parameters) => {
    expect(await opening(server, parameters)).toEqual(['open', 0, ''])
  })

  it.each([
    ['none', 'sslmode=require', 'does not speak TLS'],
    ['none', 'sslmode=verify-full', 'does not speak TLS'],
    ['none', 'sslmode=no-verify', 'does not speak TLS'],
    ['local', 'sslmode=require', 'is not trusted'],
    ['local', 'sslmode=verify-ca', 'is not trusted'],
    ['local', 'sslmode=verify-full', 'is not trusted'],
    ['local', 'sslmode=verify-full&sslrootcert=elsewhere.pem', 'is not trusted'],
    ['elsewhere', 'sslmode=require&sslrootcert=elsewhere.pem', "is another host's"],
    ['elsewhere', 'sslmode=verify-ca&sslrootcert=elsewhere.pem', "is another host's"],
    ['elsewhere', 'sslmode=verify-full&sslrootcert=elsewhere.pem', "is another host's"],
    ['local', 'sslmode=verify-full&sslrootcert=missing.pem', 'cannot be read (ENOENT)'],
    ['local', 'sslmode=verify-full&sslrootcert=empty.pem', 'certificate'],
  ] as const)('with TLS %s is refused with %s: %s', async (server, parameters, said) => {
    expect(await opening(server, parameters)).toEqual([
      'STATE_UNAVAILABLE',
      3,
      expect.stringContaining(said),
    ])
  })

  it('that lets nobody in without TLS says to ask for it', async () => {
    const { default: pg } = await import('pg')
    const admin = new pg.Client({ connectionString: servers.local.url })
    await admin.connect()
    const [{ file }] = (await admin.query('SHOW hba_file')).rows.map(({ hba_file: path }) => ({
      file: path,
    })) as [{ file: string }]
    writeFileSync(file, 'hostssl all all 127.0.0.1/32 scram-sha-256\n')
    await admin.query('SELECT pg_reload_conf()')

    await expect
      .poll(() => opening('local', 'sslmode=disable'))
      .toEqual(['STATE_AUTH', 4, expect.stringMatching(/does not let this user in[^]*TLS/)])
    expect((await opening('local', 'sslmode=verify-full&sslrootcert=local.pem'))[0]).toBe('open')
    await admin.end()
  })

  it.each([
    ['CERT_HAS_EXPIRED', 'STATE_UNAVAILABLE', 'not valid now'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'STATE_UNAVAILABLE', 'is not trusted'],
    ['28P01', 'STATE_AUTH', 'user or password'],
  ])('that fails with %s is told as %s', (code, expected, said) => {
    const error = postgresError(Object.assign(new Error('text'), { code }), 'db:5432/state')

    expect(error).toMatchObject({ code: expected, message: expect.stringContaining(said) })
  })
})
