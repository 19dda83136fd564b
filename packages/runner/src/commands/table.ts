import type { CommandEntry } from './command.ts'

/** Every command, in the order of the help text. Files load when their command is asked for. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'schema',
    summary: 'print the JSON Schema of a configuration file',
    load: async () => (await import('./schema.ts')).schemaCommand,
  },
]
