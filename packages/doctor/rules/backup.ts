/** Whether what the apps keep could be brought back. */
import { DEFAULT_BACKUP_POLICY, nextDrillAt } from '@berth/core';
import { type Drill, LOCAL_TARGET, type TargetStatus, type WrittenKit } from '@berth/protocol';
import type { Facts } from '../facts/facts.ts';
import type { Rule, Seen } from '../finding.ts';
import { time } from '../words.ts';
import { perApp } from './app-start.ts';

const noTarget: Rule = {
  id: 'no-target',
  area: 'backup',
  symptom: 'with the machine all data would be lost',
  looks: 'whether there is a target outside of the home while apps have stores',
  async probe(facts) {
    const stores = (await facts.apps())
      .filter(({ state }) => state !== 'new')
      .flatMap((app) => app.stores.map(({ name }) => `${app.name}/${name}`));
    const away = facts.journal?.targets.list().filter(({ name }) => name !== LOCAL_TARGET) ?? [];
    if (stores.length === 0 || away.length > 0) return [];
    return [
      {
        severity: 'warning',
        evidence: [`there is no target but the one in the home; stores: ${stores.join(', ')}`],
        cause: 'nobody has said yet where backups go',
        fix: 'berth target add s3://BUCKET/PREFIX?endpoint=https://…   # or dir:/another/disk, then: berth kit --out berth-kit.txt',
      },
    ];
  },
};

const targetFailing: Rule = {
  id: 'target-failing',
  area: 'backup',
  symptom: 'nothing is backed up to a target any more',
  looks: 'the state that the daemon gives each target, and its last error',
  async probe(facts) {
    return (await targetsOf(facts)).flatMap((target): Seen[] => {
      if (target.state !== 'failing' && target.state !== 'fenced') return [];
      const { error } = target;
      return [
        {
          severity: 'problem',
          evidence: [`${target.name} (${target.url}) is ${target.state}`, ...(error ? [`${error.message} (${error.code})`] : [])],
          cause:
            target.state === 'fenced'
              ? 'another machine has taken this vault over, and this one may write there no more'
              : (CAUSES[error?.code ?? ''] ?? error?.hint ?? 'the target does not take what is sent'),
          fix:
            error?.code === 'TARGET_DENIED' || error?.code === 'TARGET_CREDENTIALS_MISSING'
              ? `berth target add ${quotedUrl(target.url)} --name ${target.name}   # with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of keys that may Put, Get, List and Delete`
              : `berth target   # ${error?.hint ?? 'see what it says of each'}`,
        },
      ];
    });
  },
};

const CAUSES: Readonly<Record<string, string>> = {
  TARGET_DENIED: 'the access keys are wrong, were changed, or lack a right (Put, Get, List, Delete on the bucket)',
  TARGET_CREDENTIALS_MISSING: 'no access key is known for it',
  TARGET_FULL: 'the target is full',
};

const storeUnprotected: Rule = {
  id: 'store-unprotected',
  area: 'backup',
  symptom: 'the last changes would be lost with the machine',
  looks: 'how far each store is at each target, as the daemon sees it',
  probe: (facts) =>
    perApp(facts, (app) =>
      (app.status?.stores ?? []).flatMap((store): Seen[] => {
        if (store.state !== 'failing' && store.state !== 'late') return [];
        return [
          {
            severity: store.state === 'failing' ? 'problem' : 'warning',
            app: app.name,
            evidence: [
              `${store.store} is ${store.state}${store.reason ? `: ${store.reason}` : ''}`,
              ...store.targets.map(
                ({ target, lagMs, reason }) =>
                  `${target}: ${lagMs === null ? 'nothing complete yet' : `${time(lagMs)} behind`}${reason ? `, ${reason}` : ''}`,
              ),
            ],
            cause:
              store.state === 'failing'
                ? 'it cannot be copied anywhere at present'
                : 'more is written than can be sent, or a target does not answer',
            fix: `berth backup ${app.name}   # says what is in the way; targets: berth target`,
          },
        ];
      }),
    ),
};

const drillFailed: Rule = {
  id: 'drill-failed',
  area: 'backup',
  symptom: 'the backup could not be restored when that was rehearsed',
  looks: 'the outcome of the last rehearsed restore of each app',
  probe: (facts) =>
    perApp(facts, (app) => {
      const last = drillsOf(facts, app.name)[0];
      if (last === undefined || last.outcome !== 'failed') return [];
      const wrong = last.stores
        .filter(({ outcome }) => outcome === 'failed')
        .map(({ store, evidence }) => `${store}: ${evidence}`);
      return [
        {
          severity: 'problem',
          app: app.name,
          evidence: [
            `the rehearsal of ${last.at} from ${last.target} failed`,
            ...wrong,
            ...(last.check && !last.check.ok ? [`its check said: ${last.check.output.trim().slice(0, 300)}`] : []),
          ],
          cause: 'what lies at the target is damaged or incomplete, or the check of the manifest judges it so',
          fix: `berth drill ${app.name}   # after a new complete copy: berth backup ${app.name}`,
        },
      ];
    }),
};

const drillOverdue: Rule = {
  id: 'drill-overdue',
  area: 'backup',
  symptom: 'nobody knows whether the backups could be restored',
  looks: 'when each app with stores was last rehearsed, and when it should have been',
  probe: (facts) =>
    perApp(facts, (app) => {
      const { drillEveryMs } = app.manifest.backup ?? DEFAULT_BACKUP_POLICY;
      const stores = facts.journal?.stores.list(app.name).filter(({ goneAt }) => goneAt === null) ?? [];
      if (app.stores.length === 0 || stores.length === 0) return [];
      const lastMs = Date.parse(drillsOf(facts, app.name).find(({ outcome }) => outcome !== 'inconclusive')?.at ?? '') || null;
      const createdMs = Math.min(...stores.map(({ createdAt }) => Date.parse(createdAt)));
      const dueMs = nextDrillAt({ app: app.name, everyMs: drillEveryMs, lastMs, createdMs });
      if (dueMs === null || facts.now().getTime() - dueMs < facts.bounds.drillSlackMs) return [];
      return [
        {
          severity: 'warning',
          app: app.name,
          evidence: [
            lastMs === null ? 'it was never rehearsed' : `last rehearsed ${new Date(lastMs).toISOString()}`,
            `it was due ${new Date(dueMs).toISOString()}`,
          ],
          cause: 'the daemon was not there, or other work was in the way',
          fix: `berth drill ${app.name}`,
        },
      ];
    }),
};

const kitMissing: Rule = {
  id: 'kit-missing',
  area: 'backup',
  symptom: 'the machine is lost, there are backups, and nobody has the key',
  looks: 'whether a recovery kit was written since the newest target was added',
  async probe(facts) {
    const away = (facts.journal?.targets.list() ?? []).filter(({ name }) => name !== LOCAL_TARGET).map(({ name }) => name);
    if (away.length === 0 || (await facts.apps()).length === 0) return [];
    const kit = facts.journal?.settings.get<WrittenKit>('kit') ?? null;
    const unknown = away.filter((name) => kit?.targets.includes(name) !== true);
    if (kit !== null && unknown.length < away.length) return [];
    return [
      {
        severity: 'warning',
        evidence: [
          kit === null
            ? 'no recovery kit was ever written'
            : `the kit of ${kit.at} leads to ${kit.targets.join(', ') || 'no target'}, not to ${unknown.join(', ')}`,
        ],
        cause: 'backups are encrypted: without the kit, a new machine can neither find nor open them',
        fix: 'berth kit --out berth-kit.txt   # and keep it somewhere else than on this machine',
      },
    ];
  },
};

export const backupRules: readonly Rule[] = [noTarget, targetFailing, storeUnprotected, drillFailed, drillOverdue, kitMissing];

const targetsOf = async (facts: Facts): Promise<readonly TargetStatus[]> => {
  const client = await facts.client();
  return client === null ? [] : (await client.call('targets', { signal: AbortSignal.timeout(facts.bounds.answerMs) })).targets;
};

/** Newest first. */
const drillsOf = (facts: Facts, app: string): readonly Drill[] =>
  facts.journal?.drills.list<Drill>(app).map(({ result }) => result) ?? [];

const quotedUrl = (url: string): string => `'${url}'`;
