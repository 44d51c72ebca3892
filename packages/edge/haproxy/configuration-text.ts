/** haproxy.cfg without the servers of services: what needs a reload to change. */
export const structureOf = (configuration: string): string =>
  configuration
    .split('\n')
    .filter((line) => !/^ {2}server \S+ 127\.0\.0\.1:/.test(line))
    .join('\n');

/** What a configuration listens on. */
export const bindsOf = (configuration: string): readonly { address: string; port: number }[] =>
  [...configuration.matchAll(/^ {2}bind (?:\[([^\]]+)\]|([0-9.]+)):(\d+)/gm)].map(([, v6, v4, port]) => ({
    address: v6 ?? v4 ?? '',
    port: Number(port),
  }));
