/** Key of a value that stands in a state while an import into it is not finished. */
export const UNFINISHED_IMPORT = 'unfinished-import'
