/** All that the daemon takes from its environment; nothing else reads it. */
import { existsSync } from 'node:fs';
import { type NotifyPlace, resolveHome } from '@berth/host';
import { PlatformSettings } from '@berth/protocol';
import { settingsInvalid } from './errors.ts';

export type DaemonEnv = {
  readonly home: string;
  readonly uid: number;
  /** Settings that replace the kept ones: a platform whose ports are taken can only be moved before it starts. */
  readonly settings: Partial<PlatformSettings>;
  /** What runs instances, where the machine has it. */
  readonly runtime: 'process' | 'systemd';
  /** Where systemd wants to hear how we do; null when it did not start us. */
  readonly notify: NotifyPlace | null;
  /** The point at which this daemon kills itself, for tests. */
  readonly fault: string | undefined;
  /** What apps see in PATH after Berth's own Node; root's own may lead where their users cannot go. */
  readonly path: string;
  /** How this machine reaches the network: passed on to builds and apps. */
  readonly network: Readonly<Record<string, string>>;
};

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Where a command that started the daemon reads how the start goes; null when nobody waits. Apart from the rest, since it
 * is also told what is wrong with the rest.
 */
export const startReportFile = (variables: Variables = process.env): string | null => variables.BERTH_START_REPORT ?? null;

export const readEnv = (variables: Variables = process.env): DaemonEnv => {
  const uid = process.getuid?.() ?? 0;
  return {
    home: resolveHome(variables, uid),
    uid,
    settings: parseSettings(variables.BERTH_SETTINGS),
    runtime: variables.BERTH_RUNTIME === 'systemd' ? 'systemd' : 'process',
    notify: notifyPlace(variables),
    fault: variables.BERTH_FAULT,
    network: networkOf(variables),
    path: uid === 0 ? SYSTEM_PATH : ownPath(variables.PATH),
  };
};

const parseSettings = (text: string | undefined): Partial<PlatformSettings> => {
  if (text === undefined) return {};
  try {
    // An optional key that is absent and one that is undefined come to the same in JSON.
    return PlatformSettings.partial().parse(JSON.parse(text)) as Partial<PlatformSettings>;
  } catch (cause) {
    throw settingsInvalid(cause as Error);
  }
};

const notifyPlace = ({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: period }: Variables): NotifyPlace | null => {
  if (!socket) return null;
  return { socket, watchdogMs: Number(period) > 0 ? Number(period) / 1_000 : null };
};

const NETWORK =
  /^(https?_proxy|no_proxy|all_proxy|node_extra_ca_certs|ssl_cert_(file|dir)|npm_config_(registry|cafile|globalconfig))$/i;

const networkOf = (variables: Variables): Record<string, string> => {
  const named = Object.entries(variables).filter(
    (entry): entry is [string, string] => NETWORK.test(entry[0]) && Boolean(entry[1]),
  );
  const npm = machineNpmConfig();
  return { ...(npm && { NPM_CONFIG_GLOBALCONFIG: npm }), ...Object.fromEntries(named) };
};

/** npm looks for the machine's configuration beside the node that runs it; Berth's own lies elsewhere (npmrc(5)). */
const machineNpmConfig = (): string | undefined =>
  ['/usr/local/etc/npmrc', '/usr/etc/npmrc', '/etc/npmrc'].find((file) => existsSync(file));

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Without the folders that npm put in front for whoever started us: apps must not see Berth's own packages. */
const ownPath = (path: string | undefined): string =>
  (path ?? SYSTEM_PATH)
    .split(':')
    .filter((directory) => directory.startsWith('/') && !directory.includes('/node_modules/'))
    .join(':') || SYSTEM_PATH;
