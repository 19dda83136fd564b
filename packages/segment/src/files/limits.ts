/** Output size of one gunzip step, in bytes: small ones cost twice the time. */
export const GUNZIP_BYTES = 512 * 1024
/** The same for a small file, whose text may be smaller than one step. */
export const MIN_GUNZIP_BYTES = 64 * 1024
/** How many first bytes of a file are its identity, so that a rewritten file is known. */
export const IDENTITY_BYTES = 4096
