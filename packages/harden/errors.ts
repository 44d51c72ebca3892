import { BerthError } from '@berth/core';

export const settingsInvalid = (why: string, cause?: unknown): BerthError =>
  new BerthError('HARDEN_SETTINGS_INVALID', `/etc/berth/harden.json cannot be used: ${why}`, {
    hint: 'docs/hardening.md lists the settings; without the file the defaults are used',
    cause,
  });

export const notRoot = (command: string): BerthError =>
  new BerthError('HARDEN_NEEDS_ROOT', 'only root may read and change what hardening is about', {
    hint: `run it as root: sudo ${command}`,
  });

export const unsupportedSystem = (name: string): BerthError =>
  new BerthError('HARDEN_SYSTEM_UNSUPPORTED', `${name} is not a system that Berth knows how to harden`, {
    hint: 'Berth hardens Debian 12 and later and Ubuntu 22.04 and later, with systemd as the first process',
    fields: { name },
  });

export const checkUnknown = (id: string, known: readonly string[]): BerthError =>
  new BerthError('HARDEN_CHECK_NOT_FOUND', `there is no check called "${id}"`, {
    hint: `there are ${known.join(', ')}`,
    fields: { id, known },
  });

export const noKeyToLogIn = (looked: readonly string[]): BerthError =>
  new BerthError('HARDEN_NO_SSH_KEY', 'nobody could log in any more: no administrator has a key that sshd would accept', {
    hint: `put your public key into /root/.ssh/authorized_keys (mode 600), then repeat; looked at ${looked.join(', ') || 'nothing: there is no such account'}`,
    fields: { looked },
  });

export const sshConfigurationInvalid = (stderr: string): BerthError =>
  new BerthError('HARDEN_SSHD_CONFIG_INVALID', `sshd does not accept its configuration: ${stderr.trim()}`, {
    hint: 'nothing was changed; sshd -t names the line',
    fields: { stderr },
  });

export const stepFailed = (check: string, details: { step: string; why: string; cause?: unknown }): BerthError =>
  new BerthError('HARDEN_STEP_FAILED', `${check}: ${details.step} failed: ${details.why.trim()}`, {
    hint: `what was changed before it stays; run it again when the reason is gone, or take it back: berth harden undo ${check}`,
    fields: { check, step: details.step },
    cause: details.cause,
  });

export const selfCheckFailed = (check: string, why: string): BerthError =>
  new BerthError('HARDEN_REVERTED', `${check} was taken back: sshd did not answer a new connection after the change (${why})`, {
    hint: 'everything is as it was before; journalctl -u ssh says what sshd met',
    fields: { check },
  });

export const nothingToConfirm = (): BerthError =>
  new BerthError('HARDEN_NOTHING_TO_CONFIRM', 'no change waits to be confirmed', {
    hint: 'either it was confirmed already, or its time was over and it was taken back: see berth audit, then repeat berth harden',
  });

export const sameConnection = (): BerthError =>
  new BerthError('HARDEN_SAME_CONNECTION', 'this is the connection that the change was made over, which shows nothing', {
    hint: 'log in again, in a second terminal, and run there: berth harden confirm',
  });

export const hardeningBusy = (cause: unknown): BerthError =>
  new BerthError('HARDEN_BUSY', 'another berth harden is at work on this machine', {
    hint: 'wait until it has ended',
    cause,
  });

export const ledgerUnreadable = (path: string, cause: unknown): BerthError =>
  new BerthError('HARDEN_LEDGER_UNREADABLE', `${path} cannot be read as the record of what was changed`, {
    hint: 'it was damaged or written by a newer Berth; the copies of what was there before are in the files beside it',
    fields: { path },
    cause,
  });
