/** `berth server install`, on the server itself, from the artifact that was unpacked there. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { acquireLock, type HeldLock } from '@berth/host';
import type { PlatformSettings } from '@berth/protocol';
import { changedAcme } from '../../acme-settings.ts';
import { VERSION } from '../../version.ts';
import { installRefused, installUnderWay } from '../errors.ts';
import { daemonStep } from './daemon-step.ts';
import { hardenServer } from './hardening.ts';
import { homeStep } from './home-step.ts';
import { readMark, writeMark } from './mark.ts';
import { packagesStep } from './packages-step.ts';
import { PROGRAMS } from './places.ts';
import { programStep } from './program-step.ts';
import { settingsStep } from './settings-step.ts';
import { type InstallEvent, type InstallStep, runSteps } from './step.ts';
import { usersStep } from './users-step.ts';
import { versionsStep } from './versions-step.ts';

export type InstallWish = {
  readonly domain: string | null;
  readonly email: string | null;
  readonly harden: boolean;
  readonly confirmedElsewhere: boolean;
};

type Context = {
  readonly uid: number;
  readonly path: string;
  readonly sshConnection: string;
  readonly tell: (event: InstallEvent) => void;
};

/** Gone with the next boot, and held by the kernel for this process alone. */
const LOCK_FILE = '/run/berth-install.lock';

/** Idempotent; killed at any moment, the next call goes on. Throws SERVER_INSTALL_REFUSED, SERVER_INSTALL_BUSY, and what its steps throw. */
export const installServer = async (wish: InstallWish, { uid, path, sshConnection, tell }: Context): Promise<void> => {
  const root = resolve(import.meta.dirname, '../../../..');
  if (uid !== 0) throw installRefused('it needs root');
  if (!root.startsWith(`${PROGRAMS}/`)) throw installRefused(`it runs from ${root}, and not from below ${PROGRAMS}`);
  const began = performance.now();
  using _lock = await lock(tell);
  const note = (text: string): void => tell({ kind: 'note', text });
  const id = root.slice(PROGRAMS.length + 1);
  const steps: InstallStep[] = [
    packagesStep({ path, tell: note }),
    programStep(root),
    usersStep(),
    homeStep(),
    daemonStep({ root, settings: settingsOf(wish, null) }),
    settingsStep(({ acme }) => settingsOf(wish, acme)),
    versionsStep(id),
  ];
  const before = readMark();
  const known = new Set(before?.steps);
  // What another version left is brought up to date, and not repaired.
  const isKnown = (step: string): boolean => before?.id === id && before.steps.includes(step);
  const remember = async (step: string): Promise<void> => {
    if (known.has(step) && readMark()?.id === id) return;
    known.add(step);
    await writeMark({ format: 1, id, steps: [...known] });
  };
  await runSteps(steps, { isKnown, remember, tell, now: () => performance.now() });
  const { confirmedElsewhere } = wish;
  const checks = wish.harden
    ? await hardenServer({ sshConnection, confirmedElsewhere, tell, isKnown: isKnown('hardening') })
    : [];
  if (wish.harden) await remember('hardening');
  tell({ kind: 'installed', id, version: VERSION, checks, ms: performance.now() - began });
};

const settingsOf = ({ domain, email }: InstallWish, acme: PlatformSettings['acme']): Partial<PlatformSettings> => ({
  ...{ addresses: ['0.0.0.0', ...(existsSync('/proc/net/if_inet6') ? ['::'] : [])], httpPort: 80, httpsPort: 443 },
  ...(domain !== null && { domain }),
  ...(email !== null && { acme: changedAcme(acme, { email }, { onServer: true }) ?? acme }),
});

/** One that was left alone by whoever began it goes on to its end, or to its next word that nobody hears. */
const lock = async (tell: Context['tell']): Promise<HeldLock> => {
  for (const until = Date.now() + BUSY_LIMIT_MS; ; await delay(BUSY_POLL_MS)) {
    try {
      return acquireLock(LOCK_FILE);
    } catch (cause) {
      if (Date.now() > until) throw installUnderWay(cause);
      tell({ kind: 'note', text: 'another installation is under way there, waiting for its end' });
    }
  }
};

const BUSY_LIMIT_MS = 300_000;
const BUSY_POLL_MS = 2_000;
