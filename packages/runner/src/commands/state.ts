import { groupCommands } from '../command-line/command.ts'

/** `state`: what is remembered of Braze, and what may be done to it. */
export const stateCommand = groupCommands(
  [
    {
      name: 'show',
      summary: 'what it holds: users, mappings, positions, sizes, lease; or one mapping',
      load: async () => (await import('./state/show.ts')).showCommand,
    },
    {
      name: 'list',
      summary: 'every mapping it knows, and how many users hold something of it',
      load: async () => (await import('./state/list.ts')).listCommand,
    },
    {
      name: 'init',
      summary: 'make it, for an environment that has none yet',
      load: async () => (await import('./state/init.ts')).initCommand,
    },
    {
      name: 'check',
      summary: 'read all of it, and say what is damaged',
      load: async () => (await import('./state/check.ts')).checkCommand,
    },
    {
      name: 'export',
      summary: 'write all of it into a file',
      load: async () => (await import('./state/export.ts')).exportCommand,
    },
    {
      name: 'import',
      summary: 'make it from such a file',
      load: async () => (await import('./state/import.ts')).importCommand,
    },
    {
      name: 'adopt',
      summary: 'take today’s values as already sent',
      load: async () => (await import('./state/adopt.ts')).adoptCommand,
    },
    {
      name: 'forget',
      summary: 'erase one user from it',
      load: async () => (await import('./state/forget.ts')).forgetCommand,
    },
    {
      name: 'rm',
      summary: 'forget one mapping: the next run finds a new one',
      load: async () => (await import('./state/rm.ts')).rmCommand,
    },
    {
      name: 'unlock',
      summary: 'end the lease of a run that is gone',
      load: async () => (await import('./state/unlock.ts')).unlockCommand,
    },
    {
      name: 'reset',
      summary: 'remove it; the next run sends everything again',
      load: async () => (await import('./state/reset.ts')).resetCommand,
    },
  ],
  `
The state remembers what Braze got from us, so that only differences are sent.
`,
)
