export type AppUnit = {
  readonly app: string;
  /** Of the platform that the app is on. */
  readonly home: string;
  readonly socket: string;
  /** The command that takes `start`, `stop` or `reload`, the app, the socket and the unit. */
  readonly command: readonly string[];
};

/**
 * The unit by an app's own name: what one expects of `systemctl status`, `start`, `stop` and `restart`. It runs nothing
 * itself; each instance is a unit of its own, which it must not drag along when it is restarted. Without the default
 * dependencies no shutdown stops it: a machine that goes down is no `berth stop`.
 */
export const renderAppUnit = ({ app, home, socket, command }: AppUnit, unit: string): string => {
  const act = (verb: string): string => [...command, verb, app, socket, unit].map(quote).join(' ');
  return `${APP_UNIT_MARK}
# app=${app} home=${home}
[Unit]
Description=${app}, an app on Berth (its instances: systemctl status '${app}-*')
After=berthd.service
DefaultDependencies=no
IgnoreOnIsolate=yes

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${act('start')}
ExecReload=${act('reload')}
ExecStop=${act('stop')}
SyslogIdentifier=${app}
TimeoutStartSec=1h
TimeoutStopSec=1h
`;
};

/** The first line of every unit file that is ours; one without it is never touched. */
export const APP_UNIT_MARK = '# Written by Berth';

/** The app of a unit file of ours in this home; null for any other file. */
export const appOfUnit = (text: string, home: string): string | null => {
  const [mark = '', owner = ''] = text.split('\n', 2);
  const [, app = '', place = ''] = owner.match(/^# app=(\S+) home=(.*)$/) ?? [];
  return mark === APP_UNIT_MARK && app !== '' && place === home ? app : null;
};

/** Its own name; where that is taken, one that says whose it is. */
export const appUnitNames = (app: string): readonly [string, string] => [`${app}.service`, `berth-${app}.service`];

const quote = (word: string): string =>
  /^[\w@/.:=-]+$/.test(word) ? word : `"${word.replace(/["\\]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
