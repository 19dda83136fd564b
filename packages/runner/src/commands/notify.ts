import { groupCommands } from '../command-line/command.ts'

/** `notify`: whether those can be told who want to know when a run does not go well. */
export const notifyCommand = groupCommands([
  {
    name: 'test',
    summary: 'send a test alert to each of `notify:`',
    load: async () => (await import('./notify/test.ts')).testCommand,
  },
  {
    name: 'check',
    summary: 'tell those who want to know for how long no run ended well',
    load: async () => (await import('./notify/check.ts')).checkCommand,
  },
])
