import type { Io } from '../../process/io.ts'
import { readConfig } from '../configuration/config-files.ts'
import type { EnvironmentFlags } from './open-environment.ts'

/** Which environment a command line means, also where nothing of it can be opened. */
export function environmentName(io: Pick<Io, 'cwd'>, flags: EnvironmentFlags): string {
  if (flags.isEnvDefault !== true) return flags.env
  try {
    const { project } = readConfig({ configs: flags.configs, cwd: io.cwd })
    return project?.environment?.name ?? flags.env
  } catch {
    return flags.env
  }
}
