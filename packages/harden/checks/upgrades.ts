import type { Change } from '../change.ts';
import { type Check, type Evidence, judge } from '../check.ts';
import type { Settings } from '../settings.ts';
import { installedPackages, unitState } from '../system-changes.ts';

// It sorts after the distribution's 20auto-upgrades and 50unattended-upgrades: of several values the last counts.
const APT_FILE = '/etc/apt/apt.conf.d/60berth-upgrades';
const NEEDRESTART_FILE = '/etc/needrestart/conf.d/60-berth.conf';
const TIMERS = ['apt-daily.timer', 'apt-daily-upgrade.timer'] as const;

export const upgrades: Check = {
  id: 'upgrades',
  title: 'Security updates are installed by themselves, every day',
  area: 'updates',
  severity: 'high',
  fix: 'unattended-upgrades for the security archive; the machine restarts by itself only with "automaticReboot" in /etc/berth/harden.json',
  guarded: false,
  settleUndone: [],

  async inspect({ host, settings }) {
    if (!(await installedPackages(host)).has('unattended-upgrades')) {
      const item = { what: 'unattended-upgrades', where: 'dpkg-query', found: 'not installed', expected: 'installed' };
      return judge([{ ...item, state: 'wrong' }], '');
    }
    const config = parseAptConfig((await host.run(['apt-config', 'dump'])).stdout);
    const evidence = [
      value(config, 'APT::Periodic::Update-Package-Lists', '1'),
      value(config, 'APT::Periodic::Unattended-Upgrade', '1'),
      value(config, 'Unattended-Upgrade::Automatic-Reboot', String(settings.automaticReboot), 'false'),
    ];
    if (settings.automaticReboot)
      evidence.push(value(config, 'Unattended-Upgrade::Automatic-Reboot-Time', settings.rebootTime, ''));
    const hasOrigins = securityOrigins(config).length > 0;
    evidence.push({
      what: 'the security archive',
      where: 'apt-config dump',
      found: securityOrigins(config)[0] ?? 'not among the origins',
      expected: 'among the origins',
      state: hasOrigins ? 'ok' : 'wrong',
    });
    for (const timer of TIMERS) {
      const { enabled, active } = await unitState(host, timer);
      const found = `${enabled || 'absent'}, ${active ? 'active' : 'inactive'}`;
      const isFine = active && enabled === 'enabled';
      evidence.push({ what: timer, where: 'systemctl', found, expected: 'enabled, active', state: isFine ? 'ok' : 'wrong' });
    }
    const reboot = settings.automaticReboot ? `, with restarts at ${settings.rebootTime}` : ', without restarting the machine';
    return judge(evidence, `daily from the security archive${reboot}`);
  },

  async plan({ host, settings }) {
    const config = parseAptConfig((await host.run(['apt-config', 'dump'])).stdout);
    const isUbuntu = /^ID=ubuntu$/m.test(((await host.read('/etc/os-release')) ?? '').toString());
    const ours = ((await host.read(APT_FILE)) ?? '').toString();
    const installed = (await installedPackages(host)).has('unattended-upgrades');
    // Before it is installed its own list of origins is not there, which names the security archive.
    const addOrigin = ours.includes('-security') || (installed && securityOrigins(config).length === 0);
    const changes: Change[] = [
      { kind: 'packages', names: ['unattended-upgrades'] },
      { kind: 'file', path: APT_FILE, content: renderAptFile(settings, addOrigin ? originLine(isUbuntu) : null), mode: 0o644 },
      ...[...TIMERS, SHUTDOWN_GUARD].map((name): Change => ({ kind: 'unit', name })),
    ];
    // It asks which services to restart: nobody is there to answer.
    if ((await host.stat('/etc/needrestart')) !== null)
      changes.push({ kind: 'file', path: NEEDRESTART_FILE, content: NEEDRESTART_TEXT, mode: 0o644 });
    return { changes, settle: [] };
  },
};

/** Lets an upgrade come to its end before the machine is switched off. Packages that Berth installs start nothing by themselves. */
const SHUTDOWN_GUARD = 'unattended-upgrades.service';

type AptConfig = ReadonlyMap<string, readonly string[]>;

/** Lines `APT::Periodic::Enable "1";`; a list has a line for each item, its key ending in "::". */
export const parseAptConfig = (text: string): AptConfig => {
  const values = new Map<string, string[]>();
  for (const [, key = '', found = ''] of text.matchAll(/^(\S+) "(.*)";$/gm)) {
    const name = key.replace(/::$/, '').toLowerCase();
    values.set(name, [...(values.get(name) ?? []), found]);
  }
  return values;
};

export const renderAptFile = (settings: Settings, origin: string | null): string =>
  [
    '// Written by Berth; berth harden writes it again, berth harden undo upgrades takes it away.',
    'APT::Periodic::Update-Package-Lists "1";',
    'APT::Periodic::Unattended-Upgrade "1";',
    `Unattended-Upgrade::Automatic-Reboot "${settings.automaticReboot}";`,
    `Unattended-Upgrade::Automatic-Reboot-Time "${settings.rebootTime}";`,
    ...(origin === null ? [] : [origin]),
    '',
  ].join('\n');

const originLine = (isUbuntu: boolean): string =>
  isUbuntu
    ? 'Unattended-Upgrade::Allowed-Origins { "${distro_id}:${distro_codename}-security"; };'
    : 'Unattended-Upgrade::Origins-Pattern { "origin=Debian,codename=${distro_codename}-security,label=Debian-Security"; };';

const securityOrigins = (config: AptConfig): readonly string[] =>
  ['unattended-upgrade::origins-pattern', 'unattended-upgrade::allowed-origins']
    .flatMap((key) => config.get(key) ?? [])
    .filter((origin) => /security/i.test(origin));

const value = (config: AptConfig, key: string, expected: string, byDefault = 'not set'): Evidence => {
  const found = config.get(key.toLowerCase())?.at(-1) ?? byDefault;
  const what = key.replace(/^.*::/, '');
  // Any number of days is a period; "always" is allowed too.
  const isFine = found === expected || (expected === '1' && /^(?:[1-7]|always)$/.test(found));
  return { what, where: 'apt-config dump', found, expected, state: isFine ? 'ok' : 'wrong' };
};

const NEEDRESTART_TEXT = `# Written by Berth
$nrconf{restart} = 'a';
`;
