/** Words that other platforms have for what Berth calls differently: spelling alone would lead elsewhere. */

/** What to type instead of `word`, or null where nothing is known to be meant. */
export const meantCommand = (word: string): string | null => MEANT.get(word) ?? null;

const MEANT: ReadonlyMap<string, string> = new Map(
  (
    [
      [
        'berth releases APP lists its releases, berth receipt APP --all what was done to it',
        ['history', 'deployments', 'operations', 'activity'],
      ],
      ['berth ps shows what runs', ['status', 'list', 'ls', 'apps', 'info', 'inspect', 'top']],
      ['berth rm APP', ['remove', 'delete', 'destroy', 'undeploy', 'uninstall']],
      ['berth run APP -- COMMAND', ['exec', 'ssh', 'shell', 'console']],
      ['berth rollback APP, for its data: berth restore APP', ['undo', 'revert']],
      ['berth restore-points APP', ['backups', 'snapshots']],
    ] as const
  ).flatMap(([hint, words]) => words.map((word) => [word, hint] as const)),
);
