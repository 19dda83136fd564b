import { SourceError } from '../source/index.ts'

/** A package that is installed by those who need it. */
export interface Peer {
  readonly name: string
  /** What to install. */
  readonly version: string
  /** What needs it, to begin a sentence with. */
  readonly use: string
}

/**
 * Loads an optional peer.
 *
 * @throws {SourceError} `SOURCE_DEPENDENCY` where it is not there, or not whole
 */
export async function loadPeer<Module>(
  load: () => Promise<Module>,
  { name, version, use }: Peer,
): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    throw new SourceError('SOURCE_DEPENDENCY', `${use} needs ${name}, ${whyNot(error, name)}`, {
      hint: `npm install ${name}@${version}`,
      cause: error,
    })
  }
}

/** Not installed at all, or what it needs in its turn is not. */
function whyNot(error: unknown, name: string): string {
  const { code, message = '' } = error as NodeJS.ErrnoException
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' && message.includes(`'${name}'`)
  return isMissing ? 'which is not installed' : 'which cannot be loaded: install it again'
}
