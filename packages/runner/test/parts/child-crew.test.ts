import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { ChildCrew } from '../../src/parts/child-crew.ts'

/** A crew whose processes end when they are told to: with an exit code, or by a signal (null). */
function crewOf(here: number) {
  const ends: ((code: number | null) => void)[] = []
  const lines: string[] = []
  const another = (argv: readonly string[]) => {
    const { promise, resolve } = Promise.withResolvers<number | null>()
    lines.push(argv.join(' '))
    ends.push(resolve)
    return { pid: 1, ended: promise, stop: () => resolve(130), hangUp: () => undefined }
  }
  const argvOf = ({ number, run }: { number: number; run: number }) => [`${number}@${run}`]
  return { crew: new ChildCrew({ another }, { of: 3, here, argvOf }), ends, lines }
}

it('starts a part again that was killed, three times, and no other', async () => {
  const { crew, ends, lines } = crewOf(2)
  crew.start(7)
  expect(crew.again(1)).toBe(false)

  const again: boolean[] = []
  for (let kill = 0; kill < 4; kill++) {
    ends[kill === 0 ? 0 : kill + 1]!(null)
    await turn()
    expect([...crew.ended]).toEqual([1])
    again.push(crew.again(1))
  }
  ends[1]!(2)
  await turn()

  expect(again).toEqual([true, true, true, false])
  expect([crew.again(2), crew.again(3)]).toEqual([false, false])
  expect(lines).toEqual(['1@7', '2@7', '1@7', '1@7', '1@7'])
  expect([...crew.ended]).toEqual([1, 2])
  await crew.end()
})
