import type { CommandEntry } from '../command-line/command.ts'

/** Every command, in the order of the help text. Files load when their command is asked for. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'validate',
    summary: 'every mistake in the configuration, with its place',
    load: async () => (await import('./validate.ts')).validateCommand,
  },
  {
    name: 'test',
    summary: 'run the cases: events in, Braze objects out, offline',
    load: async () => (await import('./test.ts')).testCommand,
  },
  {
    name: 'plan',
    summary: 'what a run would change, and what it costs; sends nothing',
    load: async () => (await import('./plan.ts')).planCommand,
  },
  {
    name: 'run',
    summary: 'read, plan, guard, deliver: bring Braze in line',
    isSending: true,
    load: async () => (await import('./run.ts')).runCommand,
  },
  {
    name: 'serve',
    summary: 'real time: receive, acknowledge, deliver within seconds',
    isSending: true,
    load: async () => (await import('./serve.ts')).serveCommand,
  },
  {
    name: 'allow',
    summary: 'let a server deliver what a guard holds',
    load: async () => (await import('./allow.ts')).allowCommand,
  },
  {
    name: 'explain',
    summary: 'why a user has what it has; how to build a sync in Braze by hand',
    load: async () => (await import('./explain.ts')).explainCommand,
  },
  {
    name: 'debug',
    summary: 'a few events through the whole way, up to the exact request',
    load: async () => (await import('./debug.ts')).debugCommand,
  },
  {
    name: 'doctor',
    summary: 'whether a run would work here, and what to do where not',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
  {
    name: 'dead-letters',
    summary: 'what was refused, with its reason',
    load: async () => (await import('./dead-letters.ts')).deadLettersCommand,
  },
  {
    name: 'retry',
    summary: 'send dead letters again, respecting newer values',
    isSending: true,
    load: async () => (await import('./retry.ts')).retryCommand,
  },
  {
    name: 'state',
    summary: 'show, move, check or reset what is remembered of Braze',
    load: async () => (await import('./state.ts')).stateCommand,
  },
  {
    name: 'history',
    summary: 'past runs: when, who, what they sent',
    load: async () => (await import('./history.ts')).historyCommand,
  },
  {
    name: 'init',
    summary: 'a project that runs as it is; a sync from a Segment space',
    load: async () => (await import('./init.ts')).initCommand,
  },
  {
    name: 'migrate',
    summary: 'rewrite files of an older version, comments kept',
    load: async () => (await import('./migrate.ts')).migrateCommand,
  },
  {
    name: 'schema',
    summary: 'print the JSON Schema of a configuration file',
    load: async () => (await import('./schema.ts')).schemaCommand,
  },
  {
    name: 'simulator',
    summary: 'the local Braze of an environment, until interrupted',
    load: async () => (await import('./simulator.ts')).simulatorCommand,
  },
  {
    name: 'catalog',
    summary: 'what goes where: a page with lineage, owners, costs',
    load: async () => (await import('./catalog.ts')).catalogCommand,
  },
  {
    name: 'notify',
    summary: 'try whether alerts arrive; tell when no run ended well for long',
    load: async () => (await import('./notify.ts')).notifyCommand,
  },
  {
    name: 'report',
    summary: 'an HTML page of a past run, of all runs, of a plan',
    load: async () => (await import('./report.ts')).reportCommand,
  },
  {
    name: 'verify',
    summary: 'compare a sample of users with what Braze holds',
    isSending: true,
    load: async () => (await import('./verify.ts')).verifyCommand,
  },
  {
    name: 'completion',
    summary: 'completion of commands and options in bash, zsh or fish',
    load: async () => (await import('./completion.ts')).completionOf(COMMANDS),
  },
]
