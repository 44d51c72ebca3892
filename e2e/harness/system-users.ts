import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { removeSystemUser, systemUserName } from '@berth/host';

/** The users that Berth made for a home (its apps, its builds, its edge) outlive its daemon; a home of a test takes them along. */
export const removeSystemUsers = async (home: string): Promise<void> => {
  if (process.getuid?.() !== 0) return;
  const prefix = systemUserName(home, 'x').slice(0, -1);
  assert.match(prefix, /^berth-[0-9a-f]{6}-$/, `${home} is the home of the machine's own platform`);
  const names = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':', 1)[0] ?? '');
  for (const name of names) if (name.startsWith(prefix)) await removeSystemUser(name);
};
