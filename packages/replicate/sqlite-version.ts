/**
 * Up to 3.51.2 concurrent checkpointers can lose committed pages (the WAL-reset bug); the fix was carried back to these.
 * A replicator checkpoints beside the application, so it must not run on an affected version.
 */
export const isSqliteSafe = (version: string): boolean => {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major !== 3) return major > 3;
  if (minor === 44) return patch >= 6;
  if (minor === 50) return patch >= 7;
  if (minor === 51) return patch >= 3;
  return minor > 51;
};

/** For messages. */
export const SAFE_SQLITE_VERSIONS = '3.51.3 or later, 3.50.7 or 3.44.6';
