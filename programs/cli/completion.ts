/** Shell completion, from the commands themselves; the names of apps come from the running platform. */
import { script } from '@bomb.sh/tab';
import tab from '@bomb.sh/tab/commander';
import { homeLayout, resolveHome } from '@berth/host';
import { createClient } from '@berth/protocol';
import type { Command } from 'commander';
import type { CliEnv } from './env.ts';

/** Whoever presses Tab does not wait longer. */
const NAMES_WITHIN_MS = 500;

/** The script to be evaluated by the shell; it calls `berth complete`. */
export const printCompletionScript = (shell: string): void => script(shell, 'berth', 'berth');

/** Adds the hidden command that the shells call at each Tab. */
export const addComplete = async (program: Command, env: CliEnv): Promise<void> => {
  const known = tab(program, { completionCommandName: OTHER_SCRIPT_COMMAND });
  known.commands.delete(OTHER_SCRIPT_COMMAND);
  const apps = await appNames(env);
  const offer = (complete: (value: string, description: string) => void) => apps.forEach((app) => complete(app, ''));
  for (const [path, command] of known.commands) {
    const [first, second] = path.split(' ');
    const named = program.commands.find((one) => one.name() === first);
    // One line beside a name; the whole description is for the help.
    command.description = (named?.commands.find((one) => one.name() === second) ?? named)?.summary() ?? command.description;
    const [argument, option] = [command.arguments.get('app'), command.options.get('app')];
    if (argument) argument.handler = offer;
    if (option) option.handler = offer;
  }
};

/** The library's own command for the script, which is not wanted. */
const OTHER_SCRIPT_COMMAND = 'completion-script';

/** None when nothing answers: completion starts no daemon and explains no error. */
const appNames = async (env: CliEnv): Promise<string[]> => {
  try {
    const { socket } = homeLayout(resolveHome(env.variables, env.uid));
    const client = createClient({ socketPath: socket, by: env.user });
    const { apps } = await client.call('status', { signal: AbortSignal.timeout(NAMES_WITHIN_MS) });
    return apps.map(({ app }) => app);
  } catch {
    return [];
  }
};
