import { execFileSync } from 'node:child_process';

/** Text of an .npmrc: where this machine's npm finds packages. A build runs as another user, with a home of its own. */
export const npmSettings = (): string =>
  ['registry', 'cafile']
    .map((key) => {
      const value = execFileSync('npm', ['config', 'get', key, '--loglevel=silent'], { encoding: 'utf8' }).trim();
      return value === 'null' || value === 'undefined' ? '' : `${key}=${value}\n`;
    })
    .join('');
