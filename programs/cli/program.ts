/** All commands, in the order of the help. */
import { Command, CommanderError, Option } from 'commander';
import { addAudit } from './commands/audit.ts';
import { addBackup } from './commands/backup.ts';
import { addCert } from './commands/cert.ts';
import { addCheck } from './commands/check.ts';
import { addCompletion } from './commands/completion.ts';
import { addDeploy } from './commands/deploy.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDown } from './commands/down.ts';
import { addDrill, addDrills } from './commands/drill.ts';
import { addEnv } from './commands/env.ts';
import { addEvents } from './commands/events.ts';
import { addHarden } from './commands/harden.ts';
import { addReceipt, addReleases } from './commands/history.ts';
import { addKit } from './commands/kit.ts';
import { addRemove, addRestart, addScale, addStart, addStop } from './commands/lifecycle.ts';
import { addLogs } from './commands/logs.ts';
import { addOpen } from './commands/open.ts';
import { addPs } from './commands/ps.ts';
import { addRecover } from './commands/recover.ts';
import { addRestore, addRestorePoints } from './commands/restore.ts';
import { addRollback } from './commands/rollback.ts';
import { addRun } from './commands/run.ts';
import { addSecret } from './commands/secret.ts';
import { addServer } from './commands/server.ts';
import { addTarget } from './commands/target.ts';
import { addUp } from './commands/up.ts';
import { addVersion } from './commands/version.ts';
import { type Place, placeOf } from './server/placement.ts';
import type { Run } from './session.ts';

export const buildProgram = (run: Run): Command => {
  const program = new Command('berth')
    .description('Takes an application from its repository to production on a server you own, and keeps it there.')
    .enablePositionalOptions()
    .showSuggestionAfterError(true)
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false });

  program.commandsGroup('Platform:');
  addUp(program, run);
  addDown(program, run);
  addPs(program, run);
  addEvents(program, run);
  addDoctor(program, run);

  program.commandsGroup('Deploy:');
  addCheck(program, run);
  addDeploy(program, run);
  addRollback(program, run);
  addReleases(program, run);
  addReceipt(program, run);

  program.commandsGroup('Run:');
  addLogs(program, run);
  addRestart(program, run);
  addScale(program, run);
  addStop(program, run);
  addStart(program, run);
  addRemove(program, run);
  addRun(program, run);
  addOpen(program, run);

  program.commandsGroup('Protect:');
  addTarget(program, run);
  addBackup(program, run);
  addRestorePoints(program, run);
  addRestore(program, run);
  addDrill(program, run);
  addDrills(program, run);
  addKit(program, run);
  addRecover(program, run);

  program.commandsGroup('Configure:');
  addEnv(program, run);
  addSecret(program, run);
  addCert(program, run);

  program.commandsGroup('Machine:');
  addHarden(program, run);
  addAudit(program, run);

  program.commandsGroup('Servers:');
  addServer(program, run);

  program.commandsGroup('Other:');
  addVersion(program);
  addCompletion(program);
  const help = new Command('help').argument('[command]').summary('show help for a command').helpGroup('Other:');
  program.addHelpCommand(help.helpOption(false));
  for (const command of program.commands) addOn(command, placeOf(command.name()));
  return program;
};

/** Every command that acts somewhere can be told where; those that only act here refuse it with a reason. */
const addOn = (command: Command, place: Place): void => {
  for (const child of command.commands) addOn(child, place);
  const isRefused = place === 'here' && ['up', 'down', 'check'].includes(command.name());
  if (command.commands.length > 0 || (place === 'here' && !isRefused)) return;
  const on = new Option('--on <server>', 'act on this server instead of this machine; see berth server');
  command.addOption(isRefused ? on.hideHelp() : on);
};

/** Makes commander throw instead of exiting, all the way down. */
export const throwing = (command: Command): Command => {
  command.exitOverride().configureOutput({ writeErr: () => {} });
  for (const child of command.commands) throwing(child);
  return command;
};

export const isCommanderError = (thrown: unknown): thrown is CommanderError => thrown instanceof CommanderError;
