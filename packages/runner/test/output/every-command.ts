import { COMMANDS } from '../../src/commands/table.ts'

/** Those that go on until they are interrupted; what they tell has tests of its own. */
const SERVERS = ['serve', 'simulator']

/** The words of every command that ends by itself, those below others included. */
export async function everyCommand(): Promise<readonly string[]> {
  const words = COMMANDS.map(async ({ name, load }) => {
    const { subcommands = [] } = await load()
    return subcommands.length === 0 ? [name] : subcommands.map((below) => `${name} ${below.name}`)
  })
  return (await Promise.all(words)).flat().filter((name) => !SERVERS.includes(name))
}

/** Commands that none of these lines runs. */
export async function forgottenBy(
  argvs: readonly (readonly string[])[],
): Promise<readonly string[]> {
  const lines = argvs.map((argv) => `${argv.join(' ')} `)
  return (await everyCommand()).filter(
    (words) => !lines.some((line) => line.startsWith(`${words} `)),
  )
}
