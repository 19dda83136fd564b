import { expect, it } from 'vitest'
import { endUnnoticed } from '../ended-process.ts'
import { knownTo, makeForgetProject } from '../forget-project.ts'
import { programEnv, programIn } from '../live-program.ts'
import { PROGRAM } from '../program.ts'

const USERS = ['shopper-1', 'shopper-2']

it.skipIf(process.platform !== 'linux')(
  'a run goes on at once after one that was killed, though nobody asked for its end',
  async () => {
    const { root, simulator, configure } = await makeForgetProject(USERS, [])
    configure('receivedAt', 'report')
    await endUnnoticed([...PROGRAM, 'run'].join(' '), {
      cwd: root,
      env: programEnv('before-commit'),
    })

    const next = await programIn(root)(['run'])

    expect(next).toMatchObject({ code: 0, signal: null })
    expect(await knownTo(simulator, USERS)).toEqual(USERS)
  },
  60_000,
)
