/** Where Berth lies on a server. */
export const PROGRAMS = '/usr/lib/berth';
export const CURRENT = '/usr/lib/berth/current';
export const COMMAND = '/usr/local/bin/berth';
export const CONFIGURATION = '/etc/berth';
export const SERVER_HOME = '/var/lib/berth';
export const CODE_CACHE = '/var/cache/berth';
export const UNITS = '/etc/systemd/system';
export const DAEMON_UNIT = `${UNITS}/berthd.service`;
