/**
 * What an app's own numbers say, for apps that show them under the names that collaborative editors of the Kolabpad kind use,
 * with or without a prefix. The doctor knows names, not apps.
 */
import { ask } from '../facts/ask.ts';
import type { AppFact, Facts } from '../facts/facts.ts';
import type { Rule, Seen } from '../finding.ts';
import { megabytes, percent } from '../words.ts';
import { perApp } from './app-start.ts';

const writeRate: Rule = numberRule({
  id: 'write-rate-high',
  symptom: 'the app writes to its database all the time although few people use it',
  looks: 'db_writes_per_minute, more than 10 and more than 5 for each document in memory',
  judge(n) {
    const [writes, documents] = [n('db_writes_per_minute'), n('documents_in_memory')];
    if (writes === null || writes <= 10 || writes <= 5 * (documents ?? 0)) return null;
    const [persisters, idle, net] = [n('active_persisters_count'), n('idle_persist_total'), n('safety_net_persist_total')];
    return {
      severity: 'warning',
      evidence: [
        `${writes} writes a minute for ${documents ?? '?'} documents in memory, ${persisters ?? '?'} persisters run`,
        `since the start ${idle ?? '?'} writes after a pause, ${net ?? '?'} by the safety net`,
      ],
      cause:
        'people type without a pause (then it is right), persisters outlive their users, or the pause before a write is set too short',
      fix: (app) => `berth env ${app}   # pause 30 s, safety net 5 min, poll 10 s; leaking persisters: berth restart ${app}`,
    };
  },
});

const safetyNet: Rule = numberRule({
  id: 'safety-net-dominates',
  symptom: 'nearly all writes come from the safety net and hardly any after a pause in typing',
  looks: 'safety_net_persist_total against idle_persist_total, once there were 20',
  judge(n) {
    const [idle, net] = [n('idle_persist_total'), n('safety_net_persist_total')];
    if (idle === null || net === null || net < 20 || net <= idle) return null;
    return {
      severity: 'warning',
      evidence: [`${net} writes by the safety net, ${idle} after a pause`],
      cause: 'the pause is never reached: something else than typing (movements of the cursor, heartbeats) counts as an edit',
      fix: (app) => `berth logs ${app} --grep persist   # the time of the last edit must change with edits alone`,
    };
  },
});

const persisterLeak: Rule = numberRule({
  id: 'persister-leak',
  symptom: 'the number of background tasks grows and never falls',
  looks: 'active_persisters_count against documents_in_memory; goroutine_count against 50 and 5 for each document',
  judge(n) {
    const [persisters, documents, tasks] = [n('active_persisters_count'), n('documents_in_memory'), n('goroutine_count')];
    const leaking = persisters !== null && documents !== null && persisters > documents;
    const crowded = tasks !== null && documents !== null && tasks > 50 + 5 * documents;
    if (!leaking && !crowded) return null;
    return {
      severity: 'warning',
      evidence: [
        `${persisters ?? '?'} persisters and ${tasks ?? '?'} tasks for ${documents} documents in memory, ${n('websocket_connections_total') ?? '?'} connections`,
      ],
      cause: 'tasks are not stopped when the last person leaves a document, or sockets are not cleaned up',
      fix: (app) => `berth restart ${app}   # then look at what a closing connection leaves behind`,
    };
  },
});

const memoryUse: Rule = numberRule({
  id: 'memory-use-high',
  symptom: 'the memory of the app grows without end',
  looks: 'memory_usage_bytes against memory_limit_bytes (80 %), with the documents in memory and how many were evicted',
  judge(n) {
    const [used, limit, documents] = [n('memory_usage_bytes'), n('memory_limit_bytes'), n('documents_in_memory')];
    if (used === null || limit === null || limit === 0 || used / limit <= 0.8) return null;
    const evicted = n('document_evictions_total');
    return {
      severity: 'warning',
      evidence: [
        `${megabytes(used)}, ${percent(used / limit)} of ${megabytes(limit)}; ${documents ?? '?'} documents in memory, ${evicted ?? '?'} evicted since the start`,
      ],
      cause:
        evicted === 0 && (documents ?? 0) > 0
          ? 'documents are never evicted from memory'
          : (documents ?? 0) * 250_000 < used / 4
            ? 'far more than 0.25 MB for each document: something leaks'
            : 'so many documents are in use',
      fix: (app) => `berth restart ${app}   # then keep documents for a shorter time, or raise its memory limit`,
    };
  },
});

const writesFail: Rule = numberRule({
  id: 'writes-fail',
  symptom: 'edits are gone after a restart',
  looks: 'persist_errors_total',
  judge(n) {
    const errors = n('persist_errors_total') ?? n('persist_errors');
    if (errors === null || errors === 0) return null;
    return {
      severity: 'problem',
      evidence: [`${errors} writes to the database have failed since the app started`],
      cause: 'the database is locked, read-only, damaged, or the disk is full: other findings say which',
      fix: (app) => `berth logs ${app} --level error   # nothing is lost while the app runs: do not kill it`,
    };
  },
});

export const numberRules: readonly Rule[] = [writeRate, safetyNet, persisterLeak, memoryUse, writesFail];

/** A number by its name without prefix; null where the app does not show it. */
type Numbers = (name: string) => number | null;
type Judged = Omit<Seen, 'app' | 'fix' | 'repair'> & { readonly fix: (app: string) => string };
type NumberRule = Pick<Rule, 'id' | 'symptom' | 'looks'> & { readonly judge: (numbers: Numbers) => Judged | null };

function numberRule({ judge, ...rule }: NumberRule): Rule {
  return {
    ...rule,
    area: 'numbers',
    probe: (facts) =>
      perApp(facts, async (app) => {
        const numbers = await numbersOf(facts, app);
        const judged = numbers === null ? null : judge(numbers);
        return judged === null ? [] : [{ ...judged, app: app.name, fix: judged.fix(app.name) }];
      }),
  };
}

const asked = new WeakMap<Facts, Map<string, Promise<Numbers | null>>>();

/** Asked once for all rules; null for an app that shows none. */
const numbersOf = (facts: Facts, app: AppFact): Promise<Numbers | null> => {
  const known = asked.get(facts) ?? new Map<string, Promise<Numbers | null>>();
  asked.set(facts, known);
  const found = known.get(app.name) ?? readNumbers(facts, app);
  known.set(app.name, found);
  return found;
};

const readNumbers = async (facts: Facts, app: AppFact): Promise<Numbers | null> => {
  for (const { port, pids, declared } of app.instances) {
    if (port === null || pids.length === 0 || declared?.health.check.kind !== 'http') continue;
    const place = { tls: false, address: '127.0.0.1', port, host: app.hosts[0] ?? 'localhost' };
    const answer = await ask(place, '/metrics', { timeoutMs: facts.bounds.answerMs });
    if (answer.kind === 'answer' && answer.status === 200 && /^\w+(\{[^}]*\})? [\d.eE+-]+$/m.test(answer.body))
      return parseNumbers(answer.body);
  }
  return null;
};

/** Of the text format of Prometheus: samples without labels. */
export const parseNumbers = (text: string): Numbers => {
  const samples = [...text.matchAll(/^(\w+) ([\d.eE+-]+)$/gm)].map(([, name = '', value]) => [name, Number(value)] as const);
  return (name) => samples.find(([full]) => full === name || full.endsWith(`_${name}`))?.[1] ?? null;
};
