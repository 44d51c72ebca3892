/** The daemon, and the home that it works in. */
import { chmodSync, chownSync, existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pssBytes } from '@berth/host';
import type { Facts } from '../facts/facts.ts';
import { lastLines } from '../facts/text-end.ts';
import type { Repair, Rule, Seen } from '../finding.ts';
import { megabytes, quoted } from '../words.ts';

const daemonDown: Rule = {
  id: 'daemon-down',
  area: 'platform',
  symptom: 'berth commands say that no platform answers; nothing is restarted when it dies',
  looks: 'asks the control socket for its status; looks for the process of the last daemon',
  async probe(facts) {
    const daemon = await facts.daemon();
    if (facts.journal === null || daemon.state !== 'down') return [];
    const fix = startCommand(facts);
    if (daemon.asked)
      return [
        {
          severity: 'warning',
          evidence: [`nobody listens on ${facts.layout.socket}`, 'the mark that `berth down` leaves is there'],
          cause: 'the platform was stopped on purpose with berth down',
          fix,
        },
      ];
    const last = lastLines(facts.layout.log, 200).findLast((line) => /"level":"(error|fatal)"/.test(line));
    return [
      {
        severity: 'problem',
        evidence: [`nobody listens on ${facts.layout.socket}`, ...(last ? [`its last error: ${last.slice(0, 400)}`] : [])],
        cause: 'berthd has ended without having been asked to; apps and edge serve on, and nobody looks after them',
        fix,
      },
    ];
  },
};

const daemonSilent: Rule = {
  id: 'daemon-silent',
  area: 'platform',
  symptom: 'berth commands hang',
  looks: 'asks the control socket for its status while the process of the daemon is alive',
  async probe(facts) {
    const daemon = await facts.daemon();
    if (daemon.state !== 'silent') return [];
    const process = facts.processes().find(({ pid }) => pid === daemon.pid);
    const states: Readonly<Record<string, string>> = {
      T: 'it is stopped (SIGSTOP)',
      D: 'it waits for the disk',
      R: 'it is computing',
    };
    const state = states[process?.state ?? ''] ?? 'it waits for something';
    return [
      {
        severity: 'problem',
        evidence: [
          `process ${daemon.pid} is alive and did not answer on ${facts.layout.socket} within ${facts.bounds.answerMs / 1_000} s`,
          `state ${process?.state ?? 'unknown'}: ${state}`,
        ],
        cause: 'berthd is stuck; apps and edge serve on, and nobody looks after them',
        fix: `kill -9 ${daemon.pid} && ${startCommand(facts)}`,
      },
    ];
  },
};

const daemonMemory: Rule = {
  id: 'daemon-memory',
  area: 'platform',
  symptom: 'the memory of berthd grows',
  looks: 'the proportional set size of the daemon',
  async probe(facts) {
    const daemon = await facts.daemon();
    const bytes = daemon.pid === null ? null : pssBytes(daemon.pid);
    if (bytes === null || bytes < facts.bounds.daemonMemoryBytes) return [];
    return [
      {
        severity: 'warning',
        evidence: [`process ${daemon.pid} holds ${megabytes(bytes)}, more than ${megabytes(facts.bounds.daemonMemoryBytes)}`],
        cause: 'berthd needs far more than the 80 MB that it is made for: it may be leaking',
        fix: `kill ${daemon.pid} && ${startCommand(facts)}   # apps and edge serve on meanwhile`,
      },
    ];
  },
};

const homePermissions: Rule = {
  id: 'home-permissions',
  area: 'platform',
  symptom: 'other users of the machine can read keys and data, or Berth cannot',
  looks: 'mode and owner of the home, its directories, the secrets key and the journal',
  async probe(facts) {
    const { layout } = facts;
    if (!existsSync(layout.home)) return [];
    const owner = lstatSync(layout.home);
    const wanted: [string, number][] = [
      ...[layout.home, layout.apps, layout.public, layout.edge].map((path): [string, number] => [path, 0o711]),
      ...[layout.run, layout.sources, layout.secrets, layout.instances, layout.replicator].map((path): [string, number] => [
        path,
        0o700,
      ]),
      ...filesOf(layout.secrets).map((path): [string, number] => [path, 0o600]),
      ...[layout.journal, layout.log].map((path): [string, number] => [path, 0o600]),
    ];
    return wanted.flatMap(([path, mode]): Seen[] => {
      if (!existsSync(path)) return [];
      const found = lstatSync(path);
      const isOpen = (found.mode & 0o777 & ~mode) !== 0;
      const isShut = (found.mode & mode & 0o700) !== (mode & 0o700);
      const isForeign = found.uid !== owner.uid;
      if (!isOpen && !isShut && !isForeign) return [];
      const chown = isForeign ? `chown ${owner.uid}:${owner.gid} ${quoted(path)} && ` : '';
      const repair: Repair = {
        says: `set the mode of ${path} to ${octal(mode)}${isForeign ? ` and its owner to user ${owner.uid}` : ''}`,
        run: async () => {
          if (isForeign) chownSync(path, owner.uid, owner.gid);
          chmodSync(path, mode);
        },
      };
      return [
        {
          severity: 'problem',
          evidence: [
            `${path} has mode ${octal(found.mode & 0o777)} and belongs to user ${found.uid}; it should have ${octal(mode)}, user ${owner.uid}`,
          ],
          cause: isForeign
            ? 'a command that was run as another user made it or changed it'
            : isOpen
              ? 'its mode was changed by hand or by a copy: others may now look inside'
              : 'its mode was changed by hand or by a copy: Berth itself may not use it',
          fix: `${chown}chmod ${octal(mode)} ${quoted(path)}`,
          ...(!isForeign || facts.uid === 0 ? { repair } : {}),
        },
      ];
    });
  },
};

export const platformRules: readonly Rule[] = [daemonDown, daemonSilent, daemonMemory, homePermissions];

/** How a daemon of this home is started. */
export const startCommand = ({ layout }: Facts): string =>
  layout.home === '/var/lib/berth' && existsSync('/etc/systemd/system/berthd.service') ? 'systemctl restart berthd' : 'berth up';

/** The platform is there and was not stopped on purpose: what should serve should serve. */
export const isMeantToRun = async (facts: Facts): Promise<boolean> => {
  const daemon = await facts.daemon();
  return facts.journal !== null && !(daemon.state === 'down' && daemon.asked);
};

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

const filesOf = (directory: string): string[] =>
  existsSync(directory)
    ? readdirSync(directory, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => join(directory, name))
    : [];
