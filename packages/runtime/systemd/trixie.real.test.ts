import { fileURLToPath } from 'node:url';
import { testInside } from '@berth/testing';

// Another systemd, and control groups of version 2.
testInside(
  'the systemd driver keeps its contract on a Debian 13',
  fileURLToPath(new URL('driver.real.test.ts', import.meta.url)),
  {
    suite: 'trixie',
  },
);
