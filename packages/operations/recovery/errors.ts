import { BerthError } from '@berth/core';

/** A recovery was interrupted: what is in the home is not whole. */
export const recoveryUnfinished = (home: string, startedAt: string) =>
  new BerthError('RECOVERY_UNFINISHED', `the recovery of ${home}, begun ${startedAt}, was not finished`, {
    hint: 'go on with it, what is done is not done again: berth recover KIT',
    fields: { home, startedAt },
  });

/** A recovery would overwrite a platform that is there. */
export const homeNotEmpty = (home: string, found: string) =>
  new BerthError('HOME_NOT_EMPTY', `${home} holds a platform already (${found}); a recovery only fills an empty home`, {
    hint: `start what is there with: berth up; or give another directory: BERTH_HOME=/some/where berth recover KIT`,
    fields: { home, found },
  });

/** The home holds a recovery of something else. */
export const recoveryOther = (home: string, differs: string) =>
  new BerthError('RECOVERY_OTHER_CONFLICT', `${home} holds an unfinished recovery of something else: ${differs}`, {
    hint: `go on with that one, or delete ${home} and begin anew: nothing of it has served yet`,
    fields: { home, differs },
  });

/** None of the kit's targets could be opened. */
export const noTargetAnswers = (reasons: readonly { readonly target: string; readonly reason: string }[]) =>
  new BerthError(
    'RECOVERY_NO_TARGET',
    ['no target of the kit answers:', ...reasons.map(({ target, reason }) => `  ${target}: ${reason}`)].join('\n'),
    {
      hint: 'check the network, that the directory is mounted, and that the access keys still hold; nothing was changed here',
      fields: { targets: reasons },
    },
  );

/** The targets answer, but the platform's own state is at none of them, or not at that moment. */
export const platformNotFound = (targets: readonly string[], at: string | null, damages: readonly string[]) =>
  new BerthError(
    'RECOVERY_PLATFORM_NOT_FOUND',
    [
      `the platform's own state ${at === null ? '' : `of ${at} `}is not at ${targets.join(', ')}`,
      ...damages.map((line) => `  ${line}`),
    ].join('\n'),
    {
      hint:
        at === null
          ? 'check that the kit is of this vault: berth recover KIT --dry-run shows what each target holds'
          : 'choose another moment, or leave --at out for the newest state',
      fields: { targets, at },
    },
  );

/** What an operation that ran on the lost machine ends with. */
export const operationLost = (kind: string) =>
  new BerthError('OPERATION_LOST', `the machine was lost while this ${kind} was under way`, {
    hint: 'the app is as it was before it, or as it was after its switch: look with berth ps, and do it again if it is needed',
    fields: { kind },
  });
