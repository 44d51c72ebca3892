import root from '../../package.json' with { type: 'json' };

/** Daemon and CLI come from one tree and have one version. */
export const version: string = root.version;
