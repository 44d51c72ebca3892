/** All that the CLI takes from its environment; nothing else reads it. */
import { userInfo } from 'node:os';

export type CliEnv = {
  /** For `resolveHome` and for the daemon, which inherits all of it. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  /** Who asks, for journal and receipts. */
  readonly user: string;
  /** BERTH_ON: the server that commands are for. */
  readonly on: string | null;
  /** BERTH_REACHED_AS: the name by which whoever runs this command on a server knows it at home. */
  readonly reachedAs: string | null;
  /** NO_COLOR (any value) and TERM=dumb switch colours and moving lines off. */
  readonly plain: boolean;
  /** Width of the terminal where the terminal does not say. */
  readonly columns: number | null;
  /** A browser could be opened. */
  readonly display: boolean;
  /** As the tools of AWS read them; `temporary` when they end by themselves. */
  readonly accessKeys: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly temporary: boolean } | null;
};

export const readEnv = (variables: Readonly<Record<string, string | undefined>> = process.env): CliEnv => ({
  variables,
  uid: process.getuid?.() ?? 0,
  user: variables.SUDO_USER || userName() || variables.USER || 'unknown',
  on: variables.BERTH_ON || null,
  reachedAs: variables.BERTH_REACHED_AS || null,
  plain: Boolean(variables.NO_COLOR) || variables.TERM === 'dumb',
  columns: Number(variables.COLUMNS) > 0 ? Number(variables.COLUMNS) : null,
  display: Boolean(variables.DISPLAY || variables.WAYLAND_DISPLAY),
  accessKeys:
    variables.AWS_ACCESS_KEY_ID && variables.AWS_SECRET_ACCESS_KEY
      ? {
          accessKeyId: variables.AWS_ACCESS_KEY_ID,
          secretAccessKey: variables.AWS_SECRET_ACCESS_KEY,
          temporary: Boolean(variables.AWS_SESSION_TOKEN),
        }
      : null,
});

const userName = (): string | undefined => {
  try {
    return userInfo().username;
  } catch {
    return undefined; // a container's user may have a number and no name
  }
};
