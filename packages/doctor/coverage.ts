/** Which rules answer each row of the troubleshooting tables of the guides whose apps run on Berth so far. */
export type Coverage = {
  readonly guide: 'Kolabpad' | 'Bluejay';
  /** The row, in words of our own. */
  readonly row: string;
  readonly rules: readonly string[];
};

const kolabpad: readonly (readonly [row: string, ...rules: string[]])[] = [
  ['many writes although few people type', 'write-rate-high', 'persister-leak'],
  ['the safety net writes more often than the pause', 'safety-net-dominates'],
  ['memory grows without end', 'memory-use-high', 'memory-near-limit', 'out-of-memory'],
  ['the number of tasks grows', 'persister-leak'],
  ['"database is locked" when something is written', 'database-locked', 'second-process', 'journal-mode'],
  ['people drop out and come back', 'web-socket-idle-cut', 'web-socket-refused'],
  [
    'the health check does not answer 200',
    'not-healthy',
    'app-not-answering',
    'wrong-port',
    'crash-loop',
    'daemon-down',
    'edge-down',
  ],
  ['the disk is nearly full', 'disk-full', 'inodes-full', 'log-huge'],
  [
    'no certificate is issued',
    'dns-missing',
    'dns-elsewhere',
    'dns-silent',
    'edge-port-taken',
    'certificate-not-issued',
    'certificate-local',
    'certificate-expiring',
  ],
  ['everybody is asked for a password', 'app-not-answering', 'edge-down', 'edge-silent'],
  ['edits are missing after a restart', 'killed-hard', 'writes-fail', 'store-not-writable', 'store-damaged'],
  ['a restored database shows old texts', 'stale-log'],
  ['it does not start: database or port', 'store-not-writable', 'store-damaged', 'path-denied', 'port-in-use', 'second-process'],
];

const bluejay: readonly (readonly [row: string, ...rules: string[]])[] = [
  ['its port is taken by a stale process', 'port-in-use', 'left-over-process', 'edge-port-taken'],
  ['"database is locked"', 'database-locked', 'second-process', 'journal-mode'],
  ['"permission denied" on database or files', 'store-not-writable', 'path-denied', 'home-permissions'],
  [
    'no certificate is obtained',
    'dns-missing',
    'dns-elsewhere',
    'dns-silent',
    'edge-port-taken',
    'certificate-not-issued',
    'certificate-local',
    'certificate-expiring',
  ],
  ['502 from the proxy', 'app-not-answering', 'crash-loop', 'wrong-port', 'not-healthy'],
  ['logged out immediately', 'secure-cookie-over-http', 'session-secret-changed'],
  ['an upload fails', 'path-denied', 'store-not-writable', 'disk-full', 'inodes-full'],
  ['nothing is replicated', 'target-failing', 'store-unprotected', 'no-target', 'daemon-down', 'clock-off'],
  ['much memory, killed for it', 'out-of-memory', 'memory-near-limit', 'memory-low'],
  ['a migration failed', 'release-command-failed'],
  ['old CSS or script after a deploy', 'cached-for-ever'],
  ['edited content is not visible', 'stale-page'],
  ['the health check is fine, the site is broken', 'healthy-but-broken'],
];

export const coverage: readonly Coverage[] = [
  ...kolabpad.map(([row, ...rules]): Coverage => ({ guide: 'Kolabpad', row, rules })),
  ...bluejay.map(([row, ...rules]): Coverage => ({ guide: 'Bluejay', row, rules })),
];
