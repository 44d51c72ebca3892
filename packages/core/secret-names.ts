/**
 * While a secret is changed its other value is a secret too, under this name: given to whoever is given the secret, and
 * believed beside it.
 */
export const otherValueOf = (name: string): string => `${name}_PREVIOUS`;

/** A name that stands for the other value of another secret. */
export const isOtherValue = (name: string, names: ReadonlySet<string>): boolean => {
  const secret = /^(.+)_PREVIOUS$/.exec(name)?.[1];
  return secret !== undefined && names.has(secret);
};
