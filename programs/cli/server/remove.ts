/** `berth server rm`: takes Berth off the server, then forgets it here. */
import type { ErrorBody } from '@berth/core';
import { needsConfirmation } from '../errors.ts';
import { confirmName } from '../output/prompt.ts';
import type { Session } from '../session.ts';
import { destinationText } from './destination.ts';
import { remoteError, remoteFailed } from './errors.ts';
import { COMMAND } from './install/places.ts';
import type { Uninstalled } from './install/uninstall.ts';
import { forgetHostKey } from './known-hosts.ts';
import { reach } from './reach.ts';
import { getServer, readServers, type Server, writeServers } from './servers-file.ts';

export type RemoveOptions = {
  readonly forget?: true;
  readonly purge?: true;
  readonly undoHardening?: true;
  readonly yes?: true;
};

export const removeServer = async (session: Session, name: string, options: RemoveOptions): Promise<void> => {
  const { terminal, json } = session;
  const server = getServer(session.env, name);
  if (options.forget !== true) {
    await confirm(session, server, options);
    const { removed, kept } = await uninstall(session, server, options);
    if (!json) {
      for (const what of removed) terminal.note(`  ${terminal.style.green('✓')} ${what}`);
      for (const what of kept) terminal.note(terminal.style.dim(`  kept: ${what}`));
    }
    await forget(session, server);
    if (json) terminal.printJson({ removed: name, gone: removed, kept });
    else terminal.print(`Berth is gone from ${name} (${destinationText(server.destination)}), and ${name} is forgotten`);
    return;
  }
  await forget(session, server);
  if (json) terminal.printJson({ forgotten: name });
  else terminal.print(`${name} is forgotten here; on ${destinationText(server.destination)} everything goes on`);
};

const confirm = async ({ terminal, json }: Session, { name }: Server, { yes, purge }: RemoveOptions): Promise<void> => {
  if (yes === true) return;
  const what = purge === true ? `taking Berth off ${name}, with all apps and their data` : `taking Berth off ${name}`;
  if (json || !terminal.interactive) throw needsConfirmation(name, { what, command: `berth server rm ${name} --yes` });
  const question =
    purge === true
      ? `All apps of ${name} are stopped, and their data is deleted.`
      : `All apps of ${name} are stopped; their data stays in /var/lib/berth.`;
  await confirmName(terminal, { question, name, otherwise: 'nothing was changed' });
};

const uninstall = async (session: Session, server: Server, { purge, undoHardening }: RemoveOptions): Promise<Uninstalled> => {
  const { host } = server.destination;
  await using connection = await reach(session, server);
  const there = await connection.run(['test', '-x', COMMAND]);
  // Interrupted at the very end, or never brought: nothing of it is left to do it with.
  if (there.code !== 0) return { removed: ['nothing of Berth was there any more'], kept: [] };
  const words = [...(purge === true ? ['--purge'] : []), ...(undoHardening === true ? ['--undo-hardening'] : [])];
  const argv = [COMMAND, 'server', 'uninstall', '--json', ...words];
  const { code, stdout, stderr } = await connection.run(argv);
  const line = stdout.trim().split('\n').at(-1) ?? '';
  const answer = line.startsWith('{') ? (JSON.parse(line) as Partial<Uninstalled> & { error?: ErrorBody }) : {};
  if (answer.error !== undefined) throw remoteError(answer.error, host);
  if (code !== 0 || answer.removed === undefined) throw remoteFailed(host, argv, { code, said: stderr });
  return { removed: answer.removed, kept: answer.kept ?? [] };
};

const forget = async ({ env }: Session, { name, destination }: Server): Promise<void> => {
  const known = readServers(env);
  const servers = known.servers.filter((server) => server.name !== name);
  await writeServers(env, { ...known, servers });
  if (!servers.some((server) => server.destination.host === destination.host)) await forgetHostKey(env, destination);
};
