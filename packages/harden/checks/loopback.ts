/** Reached from this machine only. */
export const isLoopback = (address: string): boolean =>
  address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:7f') || address.startsWith('::ffff:127.');
