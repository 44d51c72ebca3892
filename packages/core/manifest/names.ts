/** "@" is the platform's own domain, "pad" is below it, and a full name stands as it is. */
export const resolveHost = (host: string, platformDomain: string): string => {
  const name = host.toLowerCase();
  if (name === '@') return platformDomain.toLowerCase();
  return name.includes('.') ? name : `${name}.${platformDomain.toLowerCase()}`;
};

/** The variable that holds the path of a store: "user-files" is in STORE_USER_FILES. */
export const storeVariable = (store: string): string => `STORE_${store.toUpperCase().replaceAll('-', '_')}`;

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** What is wrong with a host as written in a manifest; null when it is one. */
export const hostMistake = (host: string): { message: string; suggestion: string | null } | null => {
  const name = host.toLowerCase();
  if (name === '@') return null;
  if (name.startsWith('*'))
    return { message: 'this version of Berth does not do wildcard hosts yet', suggestion: 'name each host' };
  const labels = name.split('.');
  if (/^\d+$/.test(labels.at(-1) ?? '') && labels.length > 1) {
    return { message: 'an IP address is not a host name', suggestion: 'name a host, or reach the service by its `listen` port' };
  }
  if (name.length <= 253 && labels.every((label) => LABEL.test(label))) return null;
  return { message: 'a host is "@", a name such as pad, or a full name such as pad.example.com', suggestion: suggestHost(host) };
};

/** From a URL, a name with a port or a trailing dot, or one with letters beyond ASCII. */
const suggestHost = (host: string): string | null => {
  const url = URL.parse(/^[a-z]+:\/\//i.test(host) ? host : `http://${host}`);
  const name = url?.hostname.replace(/\.$/, '') ?? '';
  return name !== '' && name !== host && !name.startsWith('*') && name.split('.').every((label) => LABEL.test(label))
    ? `write \`${name}\``
    : null;
};

/** Kept for Berth's own pages and system users. */
export const reservedApps: ReadonlySet<string> = new Set(['berth', 'localhost', 'edge', 'build']);

/** Instances of these names are builds, release commands and one-off commands. */
export const reservedServices: ReadonlySet<string> = new Set(['build', 'release', 'run']);

/** Set by Berth for each instance, whatever an app would like them to be. */
export const isReservedVariable = (name: string): boolean =>
  name === 'PORT' || name === 'HOST' || name === 'PATH' || name.startsWith('BERTH_') || name.startsWith('STORE_');
