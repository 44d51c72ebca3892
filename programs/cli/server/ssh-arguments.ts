/** Command lines of the system's OpenSSH client, as lists of words. */
import type { Destination } from './destination.ts';
import { quoteWords } from './remote-words.ts';

/** Nobody is asked anything: keys and agent, or nothing. */
const NO_QUESTIONS = options({
  BatchMode: 'yes',
  PasswordAuthentication: 'no',
  KbdInteractiveAuthentication: 'no',
});

/** What a user's configuration may say of terminals and forwardings is for people's sessions, and would disturb ours. */
const OURS = options({
  RequestTTY: 'no',
  RemoteCommand: 'none',
  PermitLocalCommand: 'no',
  ForwardAgent: 'no',
  ForwardX11: 'no',
  ControlPersist: 'no',
  ConnectTimeout: '10',
  ServerAliveInterval: '15',
  ServerAliveCountMax: '4',
  ExitOnForwardFailure: 'yes',
});

type Connecting = {
  readonly control: string;
  /** Files that are looked in for the host's key, the user's own first. */
  readonly knownHosts: readonly string[];
};

/**
 * The one connection that all else shares. It runs `cat`, whose input we hold: when we are gone, however we went, it ends.
 * `-v` for the host's key and for which keys were tried.
 */
export const masterArguments = (destination: Destination, { control, knownHosts }: Connecting): string[] => [
  'ssh',
  '-v',
  '-M',
  ...['-S', control],
  ...NO_QUESTIONS,
  ...OURS,
  ...options({ StrictHostKeyChecking: 'yes', UserKnownHostsFile: knownHosts.map(quotedPath).join(' ') }),
  ...whereTo(destination),
  'printf "berth-connection %s\\n" "$SSH_CONNECTION"; exec cat',
];

/** `become`: what makes root of the user. Another command through the shared connection; without that it fails at once instead of connecting by itself. */
export const commandArguments = (
  control: string,
  argv: readonly string[],
  { become, terminal = false }: { become: readonly string[]; terminal?: boolean },
): string[] => [...throughControl(control), ...(terminal ? ['-tt', '-q'] : ['-T']), 'berth', quoteWords([...become, ...argv])];

/** `forward` adds a local socket that leads to a remote one; `exit` ends the connection. */
export const controlArguments = (control: string, order: readonly string[]): string[] => [
  ...throughControl(control),
  ...order,
  'berth',
];

/** Gets no further than the key of the host, which is written to `file` and nowhere else. */
export const hostKeyArguments = (destination: Destination, file: string): string[] => [
  'ssh',
  ...NO_QUESTIONS,
  ...OURS,
  ...options({
    ControlPath: 'none',
    StrictHostKeyChecking: 'accept-new',
    UserKnownHostsFile: quotedPath(file),
    GlobalKnownHostsFile: '/dev/null',
    HashKnownHosts: 'no',
    PreferredAuthentications: 'none',
  }),
  ...whereTo(destination),
  'true',
];

/** Prints the configuration that ssh would use, and connects to nothing. */
export const configurationArguments = (destination: Destination): string[] => ['ssh', '-G', ...whereTo(destination)];

const throughControl = (control: string): string[] => [
  'ssh',
  ...['-F', 'none', '-S', control],
  ...options({ ControlMaster: 'no', BatchMode: 'yes', ProxyCommand: 'false' }),
];

const whereTo = ({ host, user, port, identity, jump }: Destination): string[] => [
  ...(user === null ? [] : ['-l', user]),
  ...(port === null ? [] : ['-p', String(port)]),
  ...(identity === null ? [] : ['-i', identity, ...options({ IdentitiesOnly: 'yes' })]),
  ...(jump === null ? [] : ['-J', jump]),
  ...['--', host],
];

function options(wanted: Readonly<Record<string, string>>): string[] {
  return Object.entries(wanted).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** Several paths are one value, in which ssh splits at spaces. */
const quotedPath = (path: string): string => (/\s/.test(path) ? `"${path}"` : path);
