import type { Change } from '../change.ts';
import { type Check, type Evidence, judge, notApplicable } from '../check.ts';
import { noKeyToLogIn, sshConfigurationInvalid } from '../errors.ts';
import type { HostAccess } from '../host-access.ts';
import { findAdminKeys } from './authorized-keys.ts';
import {
  type Effective,
  findLoosenings,
  includesDropIns,
  readConfigFiles,
  readEffective,
  renderSshdDropIn,
  SSHD_CONFIG,
  SSHD_DROP_IN,
  SSHD_RULES,
  type SshdRule,
} from './sshd-config.ts';

/** What sshd thinks of its files, before and after they act. */
const RELOAD = [
  ['/usr/sbin/sshd', '-t'],
  ['systemctl', 'try-reload-or-restart', 'ssh.service'],
] as const;

export const sshd: Check = {
  id: 'sshd',
  title: 'SSH lets in those with a key, and nobody else',
  area: 'ssh',
  severity: 'high',
  fix: `${SSHD_DROP_IN}: keys only, root by key only, no empty passwords, few attempts, no X11; refused where nobody has a key`,
  guarded: true,
  settleUndone: RELOAD,

  async inspect({ host }) {
    const effective = await readEffective(host);
    if (effective === null) return notApplicable('this machine has no SSH server');
    const evidence = SSHD_RULES.map(({ keyword, value, isFine }): Evidence => {
      const found = valueOf(effective, keyword) || 'not set';
      return { what: keyword, where: 'sshd -T', found, expected: value, state: isFine(found) ? 'ok' : 'wrong' };
    });
    const closed = closedByUs(await ownText(host));
    for (const { file, line, keyword, value } of findLoosenings(await readConfigFiles(host))) {
      if (closed.includes(keyword)) continue;
      const where = `${file}:${line}`;
      evidence.push({ what: `${keyword} in a Match block`, where, found: value, expected: 'not loosened', state: 'wrong' });
    }
    const { usable } = await findAdminKeys(host, effective);
    return judge(evidence, `keys only; ${usable.join(', ') || 'nobody'} can log in`);
  },

  async plan({ host }) {
    const effective = await readEffective(host);
    if (effective === null) return null;
    const { usable, looked } = await findAdminKeys(host, effective);
    if (usable.length === 0) throw noKeyToLogIn(looked);
    const valid = await host.run(['/usr/sbin/sshd', '-t']);
    if (valid.exitCode !== 0) throw sshConfigurationInvalid(valid.stderr);

    const ours = await ownText(host);
    const loosened = findLoosenings(await readConfigFiles(host)).map(({ keyword }) => keyword);
    const closed = SSHD_RULES.filter(({ keyword }) => [...loosened, ...closedByUs(ours)].includes(keyword));
    const main = ((await host.read(SSHD_CONFIG)) ?? '').toString();
    const content = renderSshdDropIn({
      lines: wantedRules(effective, ours),
      // A block decides over what holds for all: what its owner has made stricter there is to hold in it too.
      closed: closed.map(({ keyword, value, isFine }) => {
        const found = valueOf(effective, keyword);
        return { keyword, value: isFine(found) ? found : value };
      }),
    });
    const changes: Change[] = [{ kind: 'file', path: SSHD_DROP_IN, content, mode: 0o644 }];
    if (!includesDropIns(main)) {
      const withInclude = `# Added by Berth\nInclude /etc/ssh/sshd_config.d/*.conf\n\n${main}`;
      changes.push({
        kind: 'file',
        path: SSHD_CONFIG,
        content: withInclude,
        mode: (await host.stat(SSHD_CONFIG))?.mode ?? 0o644,
      });
    }
    return { changes, settle: RELOAD };
  },
};

/** Those that are wrong, and those that are right because we have said so before. */
const wantedRules = (effective: Effective, ours: string): readonly SshdRule[] =>
  SSHD_RULES.filter(({ keyword, isFine }) => !isFine(valueOf(effective, keyword)) || new RegExp(`^${keyword} `, 'm').test(ours));

const valueOf = (effective: Effective, keyword: string): string => effective.get(keyword.toLowerCase())?.[0] ?? '';

const ownText = async (host: HostAccess): Promise<string> => ((await host.read(SSHD_DROP_IN)) ?? '').toString();

/** Keywords in the block at the end of our own file. */
const closedByUs = (ours: string): readonly string[] => {
  const [, block = ''] = ours.split('\nMatch all\n');
  return SSHD_RULES.filter(({ keyword }) => block.includes(`    ${keyword} `)).map(({ keyword }) => keyword);
};
