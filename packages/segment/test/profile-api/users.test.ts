import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readUserFile } from '../../src/profile-api/index.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'engage-sync-users-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function fileWith(name: string, text: string): Promise<string> {
  await writeFile(join(directory, name), text)
  return join(directory, name)
}

describe('readUserFile', () => {
  it('reads one identifier a line, once each', async () => {
    const file = await fileWith('users.txt', '\uFEFFu_1\r\nu_2\n\nu_1\n u_3 ')

    expect(await readUserFile({ file })).toEqual(['u_1', 'u_2', 'u_3'])
  })

  it('reads a column of a CSV, the first by default', async () => {
    const file = await fileWith(
      'users.csv',
      'email,user id\r\n"a,""b""@example.com",u_1\r\nc@example.com,u_2\r\n,\r\n"line\nend",u_4',
    )

    expect(await readUserFile({ file })).toEqual([
      'a,"b"@example.com',
      'c@example.com',
      'line\nend',
    ])
    expect(await readUserFile({ file, column: 'user id' })).toEqual(['u_1', 'u_2', 'u_4'])
  })

  it('reads a cell of any length, and goes on behind a quote that nothing closes', async () => {
    const long = 'x'.repeat(9_000_000)
    const file = await fileWith('long.csv', `id\n"${long}"\n"u_2\nu_3\n`)

    const users = await readUserFile({ file })

    expect(users.map((user) => user.length)).toEqual([9_000_000, 3])
  })

  it('says which column is missing, without quoting rows', async () => {
    const file = await fileWith('other.csv', 'email\nperson@example.com\n')

    const error = await readUserFile({ file, column: 'id' }).catch(
      (thrown: unknown) => thrown as Error,
    )

    expect(error).toMatchObject({
      code: 'SOURCE_COLUMN',
      message: 'other.csv has no column "id" among its 1',
    })
  })

  it('says that the file is not there', async () => {
    await expect(readUserFile({ file: join(directory, 'none.txt') })).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
    })
  })
})
