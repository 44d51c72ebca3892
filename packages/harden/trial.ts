/** The dead man's timer: a change that could lock everybody out is taken back by systemd unless somebody confirms it. */
import type { Check } from './check.ts';
import type { HostAccess } from './host-access.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { must } from './must.ts';

export const TRIAL_SECONDS = 60;

/** Writes the trial down, then starts its timer: a kill in between leaves a trial that nothing was changed in. */
export const beginTrial = async (
  host: HostAccess,
  ledger: Ledger,
  { sshConnection, revert, now }: { sshConnection: string; revert: readonly string[]; now: Date },
): Promise<void> => {
  const until = new Date(now.getTime() + TRIAL_SECONDS * 1000).toISOString();
  // One that was begun by a run that was killed goes on, with a new time: what it remembers is older and right.
  ledger.trial = { firstEntry: ledger.entries.length, entries: [], ...ledger.trial, until, sshConnection };
  await ledger.save();
  await stopTimer(host, ledger.check);
  // The timer does not outlive a restart of the machine; this is what is left of it then.
  await host.write(`${UNITS}/${bootUnit(ledger.check)}`, renderBootUnit(ledger.check, revert), { mode: 0o644, uid: 0, gid: 0 });
  await must(host, ['systemctl', 'enable', bootUnit(ledger.check)]);
  await must(host, [
    'systemd-run',
    `--unit=${timerUnit(ledger.check)}`,
    `--on-active=${TRIAL_SECONDS}s`,
    '--timer-property=AccuracySec=500ms',
    '--collect',
    '--quiet',
    `--description=Takes back Berth's change of ${ledger.check} unless it is confirmed`,
    ...revert,
    ledger.check,
  ]);
};

export const endTrial = async (host: HostAccess, ledger: Ledger): Promise<void> => {
  ledger.trial = null;
  await ledger.save();
  await stopTimer(host, ledger.check);
  await removeBootUnit(host, ledger.check);
};

/** When there is no trial any more. */
export const removeBootUnit = async (host: HostAccess, check: string): Promise<void> => {
  const file = `${UNITS}/${bootUnit(check)}`;
  if ((await host.stat(file)) === null) return;
  await host.run(['systemctl', 'disable', bootUnit(check)]);
  await host.remove(file);
  await host.run(['systemctl', 'daemon-reload']);
};

/** The checks whose change waits to be confirmed. */
export const openTrials = async (host: HostAccess, checks: readonly Check[]): Promise<readonly Ledger[]> => {
  const ledgers = await Promise.all(checks.filter(({ guarded }) => guarded).map(({ id }) => openLedger(host, id)));
  return ledgers.filter(({ trial }) => trial !== null);
};

const UNITS = '/etc/systemd/system';

const bootUnit = (check: string): string => `berth-harden-revert-${check}-at-boot.service`;

const renderBootUnit = (
  check: string,
  revert: readonly string[],
): string => `# Written by Berth; it goes when the change is confirmed.
[Unit]
Description=Takes back Berth's change of ${check}, which was not confirmed before the machine was restarted
After=network.target ssh.service

[Service]
Type=oneshot
ExecStart=${[...revert, check].map((word) => `"${word}"`).join(' ')}

[Install]
WantedBy=multi-user.target
`;

const timerUnit = (check: string): string => `berth-harden-revert-${check}`;

/** The service as well: one that could not start would keep its name. */
const stopTimer = async (host: HostAccess, check: string): Promise<void> => {
  await host.run(['systemctl', 'stop', `${timerUnit(check)}.timer`]);
  await host.run(['systemctl', 'reset-failed', `${timerUnit(check)}.timer`, `${timerUnit(check)}.service`]);
};
