/** The orders that most types have. */
export const BY_HAND = { by: 'position', direction: 'ascending' } as const;
export const NEWEST_FIRST = { by: 'publishedAt', direction: 'descending' } as const;
