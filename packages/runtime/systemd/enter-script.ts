import type { InstanceSpec } from '../driver.ts';

/**
 * What becomes the program: a shell that has nothing in its environment goes to the program's directory, takes on its
 * environment and executes it. It is read by the program's own user, from memory (LoadCredential), since there are secrets
 * in it; so they are in no list of arguments and in no file that others may read. 126 and 127 are what a shell answers
 * for a program that cannot be executed or found.
 */
export const renderEnterScript = (
  { argv, cwd, env, secretFiles, shared }: Pick<InstanceSpec, 'argv' | 'cwd' | 'env' | 'secretFiles' | 'shared'>,
  credentials: string,
): string => {
  const moved = new Map(Object.entries(secretFiles).map(([name, file]) => [file, `${credentials}/${name}`]));
  return [
    `umask ${shared ? '022' : '027'}`,
    `cd -- ${quote(cwd)} || exit 126`,
    'unset PWD OLDPWD',
    ...Object.entries(env).map(([name, value]) => `export ${name}=${quote(moved.get(value) ?? value)}`),
    `exec ${argv.map(quote).join(' ')}`,
    '',
  ].join('\n');
};

/** Nothing is special to a shell between single quotes but their end. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
