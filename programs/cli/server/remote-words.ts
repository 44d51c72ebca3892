/** How a list of words is written for the shell at the other end of an SSH connection: it arrives there as the same list. */
export const quoteWords = (argv: readonly string[]): string => argv.map(quoteWord).join(' ');

/** What no shell takes for anything else is left as it is, so that a person can read it. */
const quoteWord = (word: string): string =>
  /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
