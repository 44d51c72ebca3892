/** What only the shell itself can do: an `exec` before it would look for a program of that name. */
const BUILTINS = new Set([
  '.',
  ':',
  'alias',
  'cd',
  'command',
  'eval',
  'exec',
  'exit',
  'export',
  'if',
  'for',
  'case',
  'while',
  'until',
]);
const MORE_BUILTINS = new Set(['read', 'set', 'shift', 'source', 'time', 'trap', 'ulimit', 'umask', 'unset', 'wait', '{', '!']);

/**
 * A manifest's command for the shell. One that is a single program takes the shell's place: its process id is then the
 * program's own, signals reach it directly, and no shell stays in memory. Anything else is run as it stands.
 */
export function shellCommand(run: string): readonly string[] {
  const command = run.trim();
  const [first = ''] = command.split(/\s/);
  const isSingle = !/[;&|<>()`\n\\#]/.test(command) && !first.includes('=') && !/["'$]/.test(first);
  const isProgram = isSingle && first !== '' && !BUILTINS.has(first) && !MORE_BUILTINS.has(first);
  return ['/bin/sh', '-c', isProgram ? `exec ${command}` : run];
}
