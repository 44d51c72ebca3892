/** Hardening as the last part of an installation: packages/harden does it, and says of each check how it is then. */
import { setTimeout as delay } from 'node:timers/promises';
import { auditHost, type HardenOptions, hardenHost } from '@berth/harden';
import { silentLogger } from '@berth/host';
import { hardeningTakenBack } from '../errors.ts';
import { SERVER_HOME } from './places.ts';
import type { InstallEvent, SeenCheck } from './step.ts';

type Wanted = {
  /** $SSH_CONNECTION of whoever installs; empty on a console. */
  readonly sshConnection: string;
  /** The other side answers `awaiting` over a new connection, which shows that nobody is locked out. */
  readonly confirmedElsewhere: boolean;
  readonly tell: (event: InstallEvent) => void;
  readonly isKnown: boolean;
};

/** Longer than the dead man's timer: by then it was confirmed, or taken back. */
const CONFIRM_LIMIT_MS = 90_000;
const POLL_MS = 300;

/** Resolves with how every check is. What could not be put right is said there, and is no error. Throws SERVER_HARDENING_TAKEN_BACK. */
export const hardenServer = async ({ sshConnection, confirmedElsewhere, tell, isKnown }: Wanted): Promise<SeenCheck[]> => {
  const options: HardenOptions = { home: SERVER_HOME, uid: 0, log: silentLogger, sshConnection };
  const began = performance.now();
  const [step, title] = ['hardening', 'hardening'];
  tell({ kind: 'begun', step, title });
  const report = await hardenHost({
    ...options,
    confirm: confirmedElsewhere && sshConnection !== '' ? 'later' : 'self',
    onStep: ({ check, did }) => tell({ kind: 'note', text: `${check}: ${did}` }),
  });
  const awaiting = report.awaiting.map(({ check }) => check);
  if (awaiting.length > 0) {
    tell({ kind: 'awaiting', checks: awaiting });
    await confirmed(options, awaiting);
  }
  const changes = report.checks.filter(({ steps }) => steps.length > 0).map(({ id, steps }) => `${id}: ${steps.length} changes`);
  const state = changes.length === 0 ? 'already' : isKnown ? 'repaired' : 'done';
  tell({ kind: 'ended', step, title, state, changes, ms: performance.now() - began });
  return report.checks.map(({ id, finding, error }) => ({
    check: id,
    state: finding.state === 'not-applicable' ? 'ok' : finding.state,
    says: error === null ? finding.summary : `${finding.summary} (${error.message})`,
  }));
};

const confirmed = async (options: HardenOptions, awaiting: readonly string[]): Promise<void> => {
  for (const until = Date.now() + CONFIRM_LIMIT_MS; ; await delay(POLL_MS)) {
    const audit = await auditHost({ ...options, only: awaiting });
    if (audit.awaiting.length === 0 && audit.ok) return;
    if (audit.awaiting.length === 0 || Date.now() > until) throw hardeningTakenBack(awaiting);
  }
};
