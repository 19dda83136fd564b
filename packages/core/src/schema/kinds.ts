/** What a configuration file can be. */
export const FILE_KINDS = ['project', 'sync', 'cases'] as const

/** What a configuration file is. */
export type FileKind = (typeof FILE_KINDS)[number]
