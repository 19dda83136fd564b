import { isAbsolute } from 'node:path'
import { SyncError } from '@engage-sync/core'
import type { Io } from '../process/io.ts'

/** Which project, and which of its environments. */
export interface ProjectOptions {
  /** Absolute path of the project: relative paths start there. */
  readonly directory: string
  /** Directory of the configuration, from there. Default `configs`. */
  readonly configs?: string
  /** Name of the environment. Default: `local`, or the only one there is. */
  readonly environment?: string
  /**
   * What `${NAME}` in the project file stands for. Default: nothing; pass `process.env` for what
   * the process has. Nothing else is read from it.
   */
  readonly variables?: Readonly<Record<string, string | undefined>>
}

/** Options of what reads the sources: whom it works on, and how it is stopped. */
export interface WorkOptions extends ProjectOptions {
  /** Syncs, as `--select` names them. Default: all that are enabled. */
  readonly select?: readonly string[]
  /** These users alone, by external id; positions stay. Default: everybody. */
  readonly onlyUsers?: readonly string[]
  /** Reads every source from its beginning; sends only what changed. Default false. */
  readonly reread?: boolean
  /**
   * Sends attributes and memberships again though nothing changed: all, or those of some mappings, by
   * id. Default false.
   */
  readonly resend?: boolean | readonly string[]
  /** Guards that may be passed, as `--allow` names them. Default: none. */
  readonly allow?: readonly string[]
  /** Rows and pending values beyond this are folded in several passes, bytes. Default 1 GB. */
  readonly memoryBudgetBytes?: number
  /** Ends the work gently: what is in flight is finished and committed. Default: nothing does. */
  readonly signal?: AbortSignal
  /** Records for a source of standard input (`events: "-"`). Default: none. */
  readonly input?: AsyncIterable<Uint8Array>
}

/** What the commands take, made of options. */
export interface OpenProject {
  readonly io: Io
  readonly flags: { readonly configs: string; readonly env: string; readonly isEnvDefault: boolean }
}

const SILENT = { write: () => undefined, isTTY: false, columns: 100 }

/**
 * A project as the commands see it: nothing is printed, and nothing of the process is read.
 *
 * @param known - names of the options there are
 * @throws {SyncError} `USAGE_OPTION` for an option that is not there, or a directory that is no
 *   absolute path
 */
export function openProject(options: WorkOptions, known: readonly string[]): OpenProject {
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      throw new SyncError('USAGE_OPTION', `There is no option ${name}`, {
        hint: `Known: ${known.join(', ')}.`,
      })
  }
  const { directory, configs = 'configs', environment, variables = {} } = options
  if (typeof directory !== 'string' || !isAbsolute(directory)) {
    throw new SyncError('USAGE_OPTION', 'directory must be an absolute path', {
      hint: 'For example import.meta.dirname.',
    })
  }
  return {
    io: {
      stdout: SILENT,
      stderr: SILENT,
      stdin: options.input ?? noInput(),
      env: variables,
      cwd: directory,
      now: Date.now,
      signal: options.signal ?? new AbortController().signal,
    },
    flags: { configs, env: environment ?? 'local', isEnvDefault: environment === undefined },
  }
}

async function* noInput(): AsyncGenerator<Uint8Array> {}

/** Names of the options of a project. */
export const PROJECT_OPTIONS: readonly string[] = [
  'directory',
  'configs',
  'environment',
  'variables',
]

/** Names of the options of what reads the sources. */
export const WORK_OPTIONS: readonly string[] = [
  ...PROJECT_OPTIONS,
  'select',
  'onlyUsers',
  'reread',
  'resend',
  'allow',
  'memoryBudgetBytes',
  'signal',
  'input',
]
