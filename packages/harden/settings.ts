import { isIP } from 'node:net';
import { settingsInvalid } from './errors.ts';
import type { HostAccess } from './host-access.ts';

/** What the owner of a machine may want otherwise, in /etc/berth/harden.json. Every key may be left out. */
export type Settings = {
  /** TCP ports of the edge. */
  readonly edgePorts: readonly number[];
  /** Others that are to be reached from outside, as "51820/udp". */
  readonly openPorts: readonly string[];
  /** Addresses that fail2ban never bans, besides the one that hardening was asked for from. */
  readonly trustedAddresses: readonly string[];
  /** Whether the machine may restart by itself, at `rebootTime`, when an update asks for it. */
  readonly automaticReboot: boolean;
  readonly rebootTime: string;
  /** How much the journal may keep on disk, as systemd writes sizes. */
  readonly journalSize: string;
  /** Failed logins from one address, within ten minutes, before it is banned. */
  readonly sshFailures: number;
  /** Refused requests (401, 403, 429) from one address, within a minute, before it is banned. */
  readonly edgeFailures: number;
  /** Seconds that an address stays banned. */
  readonly banSeconds: number;
};

export const SETTINGS_FILE = '/etc/berth/harden.json';

export const DEFAULT_SETTINGS: Settings = {
  edgePorts: [80, 443],
  openPorts: [],
  trustedAddresses: [],
  automaticReboot: false,
  rebootTime: '04:00',
  journalSize: '1G',
  sshFailures: 5,
  edgeFailures: 100,
  banSeconds: 3_600,
};

/** Throws HARDEN_SETTINGS_INVALID, which names the key. */
export const readSettings = async (host: Pick<HostAccess, 'read'>): Promise<Settings> => {
  const text = await host.read(SETTINGS_FILE);
  return text === null ? DEFAULT_SETTINGS : parseSettings(text.toString());
};

export const parseSettings = (text: string): Settings => {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw settingsInvalid('it is not JSON', cause);
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw settingsInvalid('it is not an object');
  for (const [key, value] of Object.entries(given)) {
    const rule = RULES[key as keyof Settings];
    if (rule === undefined) throw settingsInvalid(`there is no setting called "${key}"`);
    if (!rule.holds(value)) throw settingsInvalid(`${key} should be ${rule.expected}`);
  }
  return { ...DEFAULT_SETTINGS, ...given };
};

type Rule = { readonly expected: string; holds(value: unknown): boolean };

const isPort = (value: unknown): boolean => Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536;
const whole = (least: number): Rule => ({
  expected: `a whole number, ${least} or more`,
  holds: (value) => Number.isInteger(value) && Number(value) >= least,
});
const text = (expected: string, pattern: RegExp): Rule => ({
  expected,
  holds: (value) => typeof value === 'string' && pattern.test(value),
});
const list = (expected: string, holds: (item: unknown) => boolean): Rule => ({
  expected,
  holds: (value) => Array.isArray(value) && value.every(holds),
});

const isOpenPort = (value: unknown): boolean => {
  const [, port] = typeof value === 'string' ? (/^(\d+)\/(?:tcp|udp)$/.exec(value) ?? []) : [];
  return port !== undefined && isPort(Number(port));
};

const isNetwork = (value: unknown): boolean => {
  if (typeof value !== 'string') return false;
  const [address = '', prefix, ...more] = value.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
};

const RULES: Readonly<Record<keyof Settings, Rule>> = {
  edgePorts: list('a list of ports', isPort),
  openPorts: list('a list such as ["51820/udp"]', isOpenPort),
  trustedAddresses: list('a list of addresses or networks', isNetwork),
  automaticReboot: { expected: 'true or false', holds: (value) => typeof value === 'boolean' },
  rebootTime: text('a time such as "04:00"', /^(?:[01]\d|2[0-3]):[0-5]\d$/),
  journalSize: text('a size such as "1G"', /^[1-9]\d*[KMGT]$/),
  sshFailures: whole(1),
  edgeFailures: whole(1),
  banSeconds: whole(1),
};
