/** All commands, in the order of the help. */
import { Command, CommanderError } from 'commander';
import { addBackup } from './commands/backup.ts';
import { addCert } from './commands/cert.ts';
import { addCheck } from './commands/check.ts';
import { addCompletion } from './commands/completion.ts';
import { addDeploy } from './commands/deploy.ts';
import { addDown } from './commands/down.ts';
import { addDrill, addDrills } from './commands/drill.ts';
import { addEnv } from './commands/env.ts';
import { addEvents } from './commands/events.ts';
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
import { addTarget } from './commands/target.ts';
import { addUp } from './commands/up.ts';
import { addVersion } from './commands/version.ts';
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

  program.commandsGroup('Other:');
  addVersion(program);
  addCompletion(program);
  const help = new Command('help').argument('[command]').summary('show help for a command').helpGroup('Other:');
  program.addHelpCommand(help.helpOption(false));
  return program;
};

/** Makes commander throw instead of exiting, all the way down. */
export const throwing = (command: Command): Command => {
  command.exitOverride().configureOutput({ writeErr: () => {} });
  for (const child of command.commands) throwing(child);
  return command;
};

export const isCommanderError = (thrown: unknown): thrown is CommanderError => thrown instanceof CommanderError;
