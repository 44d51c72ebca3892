/** What sshd is told, read from its own answer (`sshd -T`) and from its files; and the drop-in of ours. */
import type { HostAccess } from '../host-access.ts';

/** It sorts first: sshd takes the first value it meets, and images of clouds bring a 50-cloud-init.conf. */
export const SSHD_DROP_IN = '/etc/ssh/sshd_config.d/00-berth.conf';
export const SSHD_CONFIG = '/etc/ssh/sshd_config';
const DROP_INS = '/etc/ssh/sshd_config.d';

export type Effective = ReadonlyMap<string, readonly string[]>;

/** null when this machine has no sshd. Throws with sshd's words when its configuration is broken. */
export const readEffective = async (host: HostAccess): Promise<Effective | null> => {
  if ((await host.stat('/usr/sbin/sshd')) === null) return null;
  // sshd asks for it even when it only prints; the unit makes it, which a socket may not have started yet.
  if ((await host.stat('/run/sshd')) === null) await host.run(['install', '--directory', '--mode=0755', '/run/sshd']);
  const { exitCode, stdout, stderr } = await host.run(['/usr/sbin/sshd', '-T']);
  if (exitCode !== 0) throw new Error(stderr.trim());
  return parseEffective(stdout);
};

export const parseEffective = (text: string): Effective => {
  const values = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^(\S+) (.*)$/.exec(line.trim()) ?? [];
    if (key !== undefined && value !== undefined)
      values.set(key.toLowerCase(), [...(values.get(key.toLowerCase()) ?? []), value]);
  }
  return values;
};

export type SshdRule = {
  readonly keyword: string;
  /** What the drop-in says. */
  readonly value: string;
  readonly isFine: (value: string) => boolean;
  /** Whether a Match block that loosens it is taken as wrong too. */
  readonly everywhere: boolean;
};

const atMost =
  (most: number) =>
  (value: string): boolean =>
    Number(value) > 0 && Number(value) <= most;
const is =
  (...fine: readonly string[]) =>
  (value: string): boolean =>
    fine.includes(value);

/** What its owner has set more strictly stays as it is. */
export const SSHD_RULES: readonly SshdRule[] = [
  { keyword: 'PubkeyAuthentication', value: 'yes', isFine: is('yes'), everywhere: false },
  { keyword: 'PasswordAuthentication', value: 'no', isFine: is('no'), everywhere: true },
  { keyword: 'KbdInteractiveAuthentication', value: 'no', isFine: is('no'), everywhere: true },
  { keyword: 'PermitEmptyPasswords', value: 'no', isFine: is('no'), everywhere: true },
  {
    keyword: 'PermitRootLogin',
    value: 'prohibit-password',
    isFine: is('no', 'prohibit-password', 'without-password', 'forced-commands-only'),
    everywhere: true,
  },
  { keyword: 'MaxAuthTries', value: '4', isFine: atMost(4), everywhere: false },
  { keyword: 'LoginGraceTime', value: '30', isFine: atMost(30), everywhere: false },
  { keyword: 'X11Forwarding', value: 'no', isFine: is('no'), everywhere: false },
];

export type Loosening = { readonly file: string; readonly line: number; readonly keyword: string; readonly value: string };

/** Lines in Match blocks that allow to some what the rest forbids. */
export const findLoosenings = (files: readonly { readonly path: string; readonly text: string }[]): readonly Loosening[] =>
  files.flatMap(({ path, text }) => {
    const found: Loosening[] = [];
    let inMatch = false;
    for (const [index, line] of text.split('\n').entries()) {
      const [, keyword = '', value = ''] = /^\s*([A-Za-z]\w*)[\s=]+"?([^\s"#]+)/.exec(line) ?? [];
      if (keyword.toLowerCase() === 'match') inMatch = true;
      const rule = SSHD_RULES.find((one) => one.keyword.toLowerCase() === keyword.toLowerCase());
      if (inMatch && rule?.everywhere === true && !rule.isFine(value.toLowerCase()))
        found.push({ file: path, line: index + 1, keyword: rule.keyword, value });
    }
    return found;
  });

/** All files that sshd reads but ours, in its order. */
export const readConfigFiles = async (host: HostAccess): Promise<readonly { path: string; text: string }[]> => {
  const names = (await host.list(DROP_INS)).filter((name) => name.endsWith('.conf')).toSorted();
  const paths = [...names.map((name) => `${DROP_INS}/${name}`), SSHD_CONFIG].filter((path) => path !== SSHD_DROP_IN);
  const files: { path: string; text: string }[] = [];
  for (const path of paths) files.push({ path, text: ((await host.read(path)) ?? '').toString() });
  return files;
};

export type SshdLine = Pick<SshdRule, 'keyword' | 'value'>;

/** `lines`: for all; `closed`: against Match blocks that loosen them. */
export const renderSshdDropIn = ({ lines, closed }: { lines: readonly SshdLine[]; closed: readonly SshdLine[] }): string =>
  [
    '# Written by Berth; berth harden writes it again, berth harden undo sshd takes it away.',
    '# sshd takes the first value it meets, so these come before those of other files.',
    ...lines.map(({ keyword, value }) => `${keyword} ${value}`),
    // Of several Match blocks that fit, the first decides (sshd_config(5)).
    ...(closed.length === 0 ? [] : ['', 'Match all', ...closed.map(({ keyword, value }) => `    ${keyword} ${value}`)]),
    '',
  ].join('\n');

export const includesDropIns = (config: string): boolean => /^\s*Include\s+"?\/etc\/ssh\/sshd_config\.d\/\*\.conf/im.test(config);
