/** What ssh said (under -v) when it did not connect, as an error that says why and what to do. */
import type { BerthError } from '@berth/core';
import {
  sshClosed,
  sshFailed,
  sshHostKeyChanged,
  sshHostKeyUnknown,
  sshHostUnknown,
  sshIdentityUnusable,
  sshKeyRefused,
  sshRefused,
  sshUnreachable,
} from './errors.ts';
import type { SshConfiguration } from './ssh-configuration.ts';

type About = { readonly host: string; readonly user: string; readonly port: string };

export const explainFailure = (said: string, { host, user, port }: About): BerthError => {
  const lines = said.split(/\r?\n/).map((line) => line.trim());
  const find = (pattern: RegExp): RegExpExecArray | null => {
    for (const line of lines) {
      const found = pattern.exec(line);
      if (found !== null) return found;
    }
    return null;
  };
  const identity = find(/^Warning: Identity file (.+) not accessible: (.+?)\.?$/);
  if (identity !== null) return sshIdentityUnusable(identity[1] ?? '', identity[2] ?? '');
  const unprotected = find(/^Permissions (\d+) for '(.+)' are too open/);
  if (unprotected !== null)
    return sshIdentityUnusable(unprotected[2] ?? '', `others may read it (its mode is ${unprotected[1]})`);

  // Behind jump hosts several are spoken to, one after the other: who failed is who was spoken to last.
  const met = lines.findLast((line) => /^debug1: Authenticating to .+:\d+ as '/.test(line));
  const at = /^debug1: Authenticating to (.+):\d+ as '(.*)'/.exec(met ?? '');
  const [who, whose] = [at?.[1] ?? host, at?.[2] ?? user];
  if (find(/REMOTE HOST IDENTIFICATION HAS CHANGED|^Offending \S+ key in/) !== null) {
    const offending = find(/^Offending \S+ key in (.+)$/)?.[1] ?? null;
    return sshHostKeyChanged(who, hostKeyOf(said), offending);
  }
  if (find(/^Host key verification failed|^No \S+ host key is known/) !== null)
    return sshHostKeyUnknown(who, who === host ? hostKeyOf(said) : null);
  if (find(/Permission denied \(|Too many authentication failures/) !== null) return sshKeyRefused(whose, who, keysTried(said));
  const unresolved = find(/Could not resolve hostname (\S+?):/);
  if (unresolved !== null) return sshHostUnknown(unresolved[1] ?? host);
  if (find(/Connection refused$/) !== null) return sshRefused(host, port);
  const unreached = find(/(timed out|No route to host|Network is unreachable|Host is unreachable)/i);
  if (unreached !== null) return sshUnreachable(host, port, (unreached[1] ?? '').toLowerCase());
  const closed = find(/(Connection (?:closed|reset) by .*|kex_exchange_identification: .*|banner exchange: .*)/);
  if (closed !== null) return sshClosed(host, closed[1] ?? '');
  return sshFailed(
    host,
    lines
      .filter((line) => line !== '' && !/^(?:debug\d:|OpenSSH_|Authenticated to|Transferred:|Bytes per second)/.test(line))
      .slice(-3),
  );
};

/** Whether the host itself accepted a key, whatever came of it afterwards; jump hosts on the way did so before it. */
export const wasLetIn = (said: string, { host, through }: Pick<SshConfiguration, 'host' | 'through'>): boolean =>
  said.split(/\r?\n/).some((line) => {
    const [, who, how] = /^Authenticated to (\S+) \((.+?)\)/.exec(line) ?? [];
    return who === host && (through === null || how === 'via proxy');
  });

/** The fingerprint of the key that the host itself showed, which comes after those of jump hosts. */
export const hostKeyOf = (said: string): string | null =>
  [...said.matchAll(/^debug1: Server host key: \S+ (SHA256:\S+)/gm)].at(-1)?.[1] ?? null;

/** `/home/ada/.ssh/id_ed25519 (agent)`, in the order in which they were offered. */
const keysTried = (said: string): string[] => {
  const offered = [...said.matchAll(/^debug1: Offering public key: (.+?) (\S+) (SHA256:\S+)(.*)$/gm)].map(
    ([, file = '', , fingerprint = '', how = '']) => `${file} ${fingerprint}${how.includes('agent') ? ' (agent)' : ''}`,
  );
  return [...new Set(offered)];
};
