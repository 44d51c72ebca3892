/** A step of the database's shape, forward only: applied once, in one transaction, and safe while the previous release still runs. */
export type Migration = {
  /** Never changed once it was released: `accounts-1`. */
  readonly name: string;
  readonly sql: string;
};
