/** For LIKE ? ESCAPE '\': the text anywhere, nothing in it a wildcard. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;
