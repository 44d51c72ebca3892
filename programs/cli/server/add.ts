/** `berth server add`: looks, says what it will do, asks, does it, and looks again. */
import { isIP } from 'node:net';
import { cancelled, needsConfirmation } from '../errors.ts';
import { isAgreed } from '../output/prompt.ts';
import { duration } from '../output/quantities.ts';
import { renderFindings, renderOutcomes } from '../output/server.ts';
import type { Session } from '../session.ts';
import { type Artifact, makeArtifact, readArtifact } from './artifact.ts';
import { type Destination, destinationText, parseDestination } from './destination.ts';
import { machineUnfit, nothingInstalled, serverNameInvalid, serverNameTaken } from './errors.ts';
import { PROGRAMS } from './install/places.ts';
import type { InstallEvent, SeenCheck } from './install/step.ts';
import { lookAt } from './look.ts';
import { lookFromOutside } from './outside.ts';
import { renderPlan } from './plan.ts';
import { judge, machineOf, type Seen } from './preflight.ts';
import { meet, reach } from './reach.ts';
import { runInstall } from './run-install.ts';
import { keepServer, readServers } from './servers-file.ts';
import type { Connection } from './ssh-connection.ts';
import { isUploaded, upload } from './upload.ts';

export type AddOptions = {
  readonly name?: string;
  readonly dryRun?: true;
  /** Berth is there, and stays as it is: it is only known here by its name. */
  readonly remember?: true;
  readonly yes?: true;
  readonly email?: string;
  readonly domain?: string;
  readonly harden: boolean;
  readonly sshPort?: number;
  readonly identity?: string;
  readonly jump?: string;
  readonly acceptHostKey?: string;
  readonly artifact?: string;
};

export const addServer = async (session: Session, where: string, options: AddOptions): Promise<number> => {
  const { env, terminal, json } = session;
  const { style } = terminal;
  const began = performance.now();
  const destination = parseDestination(where, {
    port: options.sshPort ?? null,
    identity: options.identity ?? null,
    jump: options.jump ?? null,
  });
  const name = nameOf(session, destination, options.name);
  await using connection = await meet(session, destination, { accepted: options.acceptHostKey });
  const seen = await lookAt(connection);
  if (options.remember === true) return await remember(session, connection, { name, seen });
  const findings = judge(seen, { nowS: Date.now() / 1_000 });
  if (!json) terminal.note(style.bold(`${name} (${destinationText(destination)})`), ...renderFindings(findings, terminal));
  const unfit = findings.filter(({ state }) => state === 'unfit');
  if (unfit.length > 0) throw machineUnfit(destination.host, unfit);

  const machine = machineOf(seen.machine) ?? 'linux-x64';
  const artifact =
    options.artifact === undefined ? await makeArtifact(env, machine) : await readArtifact(options.artifact, machine);
  const uploaded = await isUploaded(connection, artifact);
  const wish = { harden: options.harden, domain: options.domain ?? null, email: options.email ?? null };
  const plan = renderPlan(seen, { ...wish, artifact, uploaded });
  if (!json) terminal.note('', ...plan, '');
  if (options.dryRun === true) {
    if (json) terminal.printJson({ dryRun: true, name, findings, plan: plan.map((line) => line.replace(/^\s*\d+\. /, '')) });
    else terminal.print('nothing was changed: it was a dry run');
    return 0;
  }
  if (options.yes !== true) await confirm(session, where);

  // Known from here on: whatever is cut off, `server add`, `status` and `rm` find it by its name.
  const server = { name, destination, fingerprint: connection.fingerprint, installed: null, addedAt: new Date().toISOString() };
  await keepServer(env, server);
  const tell = telling(session);
  if (!uploaded) await send(session, connection, artifact);
  const words = [
    ...(wish.domain === null ? [] : ['--domain', wish.domain]),
    ...(wish.email === null ? [] : ['--email', wish.email]),
    ...(wish.harden ? ['--confirmed-elsewhere'] : ['--no-harden']),
  ];
  const comeInAgain = async (): Promise<void> => {
    await using another = await reach(session, { destination, fingerprint: connection.fingerprint });
    await another.runOk([`${PROGRAMS}/${artifact.id}/berth`, 'harden', 'confirm', '--json']);
  };
  const installed = await runInstall(connection, { id: artifact.id, words, onEvent: tell, confirm: comeInAgain });
  await keepServer(env, { ...server, installed: artifact.id });

  const outcomes = [...(await lookAgain(connection, installed.id)), ...installed.checks];
  const ms = performance.now() - began;
  const ok = outcomes.every(({ state }) => state !== 'wrong');
  if (json)
    terminal.printJson({
      kind: 'added',
      name,
      id: installed.id,
      ok,
      checks: outcomes,
      ms: Math.round(ms),
    });
  else {
    terminal.print('', ...renderOutcomes(outcomes, terminal), '');
    terminal.print(
      `${ok ? style.green('✓') : style.red('✗')} ${style.bold(name)} is ${ok ? 'ready' : 'installed, and not all is well'} (${duration(ms)}); deploy to it with: berth deploy --on ${name}`,
    );
  }
  return ok ? 0 : 1;
};

const remember = async (
  { env, terminal, json }: Session,
  { destination, fingerprint }: Connection,
  { name, seen }: { name: string; seen: Seen },
): Promise<number> => {
  const installed = seen.berth.current;
  if (installed === null) throw nothingInstalled(destination.host);
  await keepServer(env, { name, destination, fingerprint, installed, addedAt: new Date().toISOString() });
  if (json) terminal.printJson({ kind: 'remembered', name, id: installed });
  else
    terminal.print(
      `${terminal.style.bold(name)} is known here (${destinationText(destination)}, Berth ${installed}); nothing was changed there`,
    );
  return 0;
};

/** The one it has already, what was asked for, the first part of a host name, or an address as it is. */
const nameOf = ({ env }: Session, destination: Destination, wanted: string | undefined): string => {
  const { servers } = readServers(env);
  const isSame = (other: Destination): boolean => other.host === destination.host && other.port === destination.port;
  const known = servers.find((server) => isSame(server.destination));
  const { host } = destination;
  const name =
    wanted ?? known?.name ?? (isIP(host) === 0 ? (host.split('.')[0] ?? host) : host.replaceAll(':', '-')).toLowerCase();
  if (!/^[a-z0-9][a-z0-9.-]{0,62}$/.test(name)) throw serverNameInvalid(name);
  const taken = servers.find((server) => server.name === name && !isSame(server.destination));
  if (taken !== undefined) throw serverNameTaken(name, destinationText(taken.destination));
  return name;
};

const confirm = async ({ terminal }: Session, where: string): Promise<void> => {
  if (!terminal.interactive)
    throw needsConfirmation(where, { what: `changing ${where}`, command: `berth server add ${where} --yes` });
  if (!(await isAgreed(terminal, 'Go on? [y/N] '))) throw cancelled('nothing was changed');
};

const send = async ({ terminal, json }: Session, connection: Connection, artifact: Artifact): Promise<void> => {
  const began = performance.now();
  const total = Math.round(artifact.bytes / 1e6);
  let shown = -1;
  await upload(connection, artifact, (sent) => {
    const now = Math.round(sent / 1e6);
    if (json || !terminal.live || now === shown) return;
    shown = now;
    terminal.err.write(`\r  sending Berth: ${now} of ${total} MB`);
  });
  if (!json && terminal.live) terminal.err.write('\r\x1b[K');
  const ms = performance.now() - began;
  if (json) terminal.printJson({ kind: 'sent', id: artifact.id, bytes: artifact.bytes, ms: Math.round(ms) });
  else terminal.note(`  ${terminal.style.green('✓')} sent Berth ${artifact.id}, ${total} MB ${terminal.style.dim(duration(ms))}`);
};

const telling =
  ({ terminal, json }: Session) =>
  (event: InstallEvent): void => {
    const { style } = terminal;
    if (json) terminal.printJson(event);
    else if (event.kind === 'note') terminal.note(style.dim(`    ${event.text}`));
    else if (event.kind === 'awaiting')
      terminal.note(style.dim(`    coming in over a new connection, to confirm ${event.checks.join(' and ')}`));
    else if (event.kind === 'ended') {
      const mark = event.state === 'repaired' ? style.yellow('✓') : style.green('✓');
      terminal.note(`  ${mark} ${event.title}: ${event.state} ${style.dim(duration(event.ms))}`);
      for (const change of event.changes) terminal.note(style.dim(`      ${change}`));
    }
  };

const lookAgain = async (connection: Connection, id: string): Promise<SeenCheck[]> => {
  const { host, port, through } = connection.configuration;
  const seen = await lookAt(connection);
  const there: SeenCheck[] = [
    { check: 'berthd', state: seen.berth.unit === 'active' ? 'ok' : 'wrong', says: seen.berth.unit ?? 'there is no unit' },
    { check: 'version', state: seen.berth.current === id ? 'ok' : 'wrong', says: seen.berth.current ?? 'none' },
  ];
  const ports = seen.listens.map(({ port }) => port);
  const outside: SeenCheck[] =
    through === null
      ? await lookFromOutside(host, { ports, sshPort: Number(port) })
      : [{ check: 'from outside', state: 'unknown', says: `it is reached through ${through}: not looked at from here` }];
  return [...there, ...outside];
};
