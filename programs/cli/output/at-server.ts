/** A command of Berth as it has to be typed here, so that it gets to the server that was asked. */

/**
 * `text` with `--on NAME` put into each command of Berth in it, right behind the command's words: what follows them may be
 * arguments or the rest of a sentence. `server`: its name here, or null for this machine, of which all is typed as it is.
 */
export const atServer = (text: string, server: string | null): string =>
  server === null || text.includes('--on ')
    ? text
    : text.replace(COMMAND, (words: string, name: string, part: string | undefined) => {
        const parts = COMMANDS.get(name);
        if (parts === undefined) return words;
        return part !== undefined && parts.includes(part)
          ? `berth ${name} ${part} --on ${server}`
          : `berth ${name} --on ${server}${words.slice(`berth ${name}`.length)}`;
      });

const WITHOUT_PARTS = [
  ...['ps', 'events', 'doctor', 'deploy', 'rollback', 'releases', 'receipt', 'logs', 'restart', 'scale', 'stop', 'start'],
  ...['rm', 'run', 'open', 'backup', 'restore-points', 'restore', 'drill', 'drills', 'kit', 'recover', 'env', 'secret', 'audit'],
];

const COMMAND = /\bberth ([a-z]+(?:-[a-z]+)*)(?: ([a-z]+))?/g;

/** All that act on a server, with their parts: not those that are always for the machine where they are typed. */
const COMMANDS: ReadonlyMap<string, readonly string[]> = new Map([
  ...WITHOUT_PARTS.map((name): [string, readonly string[]] => [name, []]),
  ['target', ['list', 'add', 'rm', 'remove']],
  ['cert', ['list', 'check', 'renew', 'set', 'rm', 'acme']],
  ['harden', ['apply', 'confirm', 'undo']],
]);
