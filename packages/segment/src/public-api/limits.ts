/** Objects in one page of the Public API; audiences allow no more. */
export const PUBLIC_API_PAGE_SIZE = 200
