/** The commit that a source was made from. */
export type Commit = {
  /** In full, in lower case. */
  readonly hash: string;
  /** The files that were sent differ from those of the commit. */
  readonly dirty: boolean;
};

/** As people read it, and as an app gets it: the first seven digits, and "+" when there were changes: "3fa2c1d+". */
export const formatCommit = ({ hash, dirty }: Commit): string => `${hash.slice(0, 7)}${dirty ? '+' : ''}`;
