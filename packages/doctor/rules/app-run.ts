/** What goes wrong with an app that runs, or ran. */
import { isCrashLoop } from '@berth/core';
import { readProcess } from '@berth/host';
import type { Event } from '@berth/protocol';
import type { AppFact, Facts, InstanceFact } from '../facts/facts.ts';
import { descriptors, nameOf } from '../facts/processes.ts';
import type { Rule, Seen } from '../finding.ts';
import { megabytes, percent } from '../words.ts';
import { failedReason, perApp } from './app-start.ts';
import { isMeantToRun } from './platform.ts';

const crashLoop: Rule = {
  id: 'crash-loop',
  area: 'app',
  symptom: 'the app dies again and again, and is no longer started',
  looks: 'how often each instance died lately, and its last words',
  probe: (facts) =>
    perInstance(facts, async (app, instance) => {
      if (instance.want !== 'serving' || instance.status?.state === 'healthy') return [];
      if (instance.status?.state !== 'looping' && !isCrashLoop(instance.deaths)) return [];
      const words = await lastWords(facts, instance);
      return [
        {
          severity: 'problem',
          app: app.name,
          evidence: [
            `${instance.id} died ${instance.deaths.length} times, the last time at ${new Date(instance.deaths.at(-1)?.atMs ?? 0).toISOString()}`,
            ...(instance.status?.reason ? [instance.status.reason] : []),
            ...(words ? [`its last error: ${words}`] : []),
          ],
          cause: 'the program ends by itself soon after each start',
          fix: `berth logs ${app.name} --instance ${instance.id}   # mend it and deploy, or: berth rollback ${app.name}`,
        },
      ];
    }),
};

const notHealthy: Rule = {
  id: 'not-healthy',
  area: 'app',
  symptom: 'an app is down or slow although its program runs',
  looks: 'the state that the daemon gives each instance that should serve',
  probe: (facts) =>
    perInstance(facts, async (app, instance) => {
      const { status, want } = instance;
      if (app.state !== 'running' || app.status === null || app.status.operation !== null) return [];
      if (want !== 'serving' || status === null || !['unhealthy', 'waiting'].includes(status.state)) return [];
      const words = await lastWords(facts, instance);
      return [
        {
          severity: 'problem',
          app: app.name,
          evidence: [
            `${instance.id} is ${status.state}, restarted ${status.restarts} times: ${status.reason ?? 'no reason known'}`,
            ...(words ? [`its last error: ${words}`] : []),
          ],
          cause:
            status.state === 'waiting'
              ? 'the program ended and waits for its next start'
              : 'the program runs, and its health check fails',
          fix: `berth logs ${app.name} --instance ${instance.id} --level error   # then: berth restart ${app.name}`,
        },
      ];
    }),
};

const outOfMemory: Rule = {
  id: 'out-of-memory',
  area: 'app',
  symptom: 'the app is killed now and then, without a word in its log',
  looks: 'deaths of the last day by the memory limit, of the release that serves; the last failed change',
  probe: (facts) =>
    perApp(facts, (app) => {
      const died = deathsOf(facts.recentEvents(), app).filter(({ fields }) => fields.outOfMemory === true);
      const failed = /needed more memory than its limit[^)]*|ran out of JavaScript heap memory/.exec(failedReason(app))?.[0];
      if (died.length === 0 && failed === undefined) return [];
      const limits = app.manifest.services.flatMap(({ name, limits: { memoryBytes } }) =>
        memoryBytes === null ? [] : [`${name} may use ${megabytes(memoryBytes)}`],
      );
      return [
        {
          severity: 'problem',
          app: app.name,
          evidence: [
            ...(died.length > 0 ? [`killed ${died.length} times in the last day, last at ${died.at(-1)?.at}`] : []),
            ...(failed ? [`in the last ${app.lastChange?.kind} it ${failed}`] : []),
            ...limits,
          ],
          cause:
            'the program needs more memory than its limit: a leak, uploads held in memory, caches without a bound, or a limit that is too low',
          fix: `berth deploy   # after a higher \`limits: { memory: … }\` in berth.yaml; watch it: berth ps ${app.name}`,
        },
      ];
    }),
};

const memoryNearLimit: Rule = {
  id: 'memory-near-limit',
  area: 'app',
  symptom: 'the memory of the app grows without end',
  looks: 'the memory of each instance against its limit',
  probe: (facts) =>
    perApp(facts, (app) =>
      app.instances.flatMap((instance): Seen[] => {
        const [used, limit] = [instance.status?.memoryBytes ?? null, instance.declared?.limits.memoryBytes ?? null];
        if (used === null || limit === null || used / limit < facts.bounds.memoryLimitShare) return [];
        return [
          {
            severity: 'warning',
            app: app.name,
            evidence: [`${instance.id} uses ${megabytes(used)}, ${percent(used / limit)} of the ${megabytes(limit)} that it may`],
            cause: 'it will be killed when it reaches its limit: a leak, caches without a bound, or a limit that is too low',
            fix: `berth restart ${app.name}   # gains time; then a higher \`limits: { memory: … }\`, or a bound for its caches`,
          },
        ];
      }),
    ),
};

const killedHard: Rule = {
  id: 'killed-hard',
  area: 'app',
  symptom: 'edits are missing after a restart; the log ends in the middle of a sentence',
  looks: 'deaths of the last day by SIGKILL that Berth did not ask for, of the release that serves',
  probe: (facts) =>
    perApp(facts, (app) => {
      const died = deathsOf(facts.recentEvents(), app).filter(
        ({ fields }) => fields.signal === 'SIGKILL' && fields.outOfMemory !== true,
      );
      const last = died.at(-1);
      if (last === undefined) return [];
      return [
        {
          severity: 'warning',
          app: app.name,
          evidence: [
            `${String(last.fields.instance)} was ended by SIGKILL at ${last.at}${died.length > 1 ? `, as ${died.length - 1} before it` : ''}`,
          ],
          cause:
            'something killed the program so that it could not write down what it had in memory: a person, the kernel when memory was short, or another program',
          fix: `journalctl -k --since -1d | grep -i 'killed process'   # and use berth restart ${app.name} instead of kill`,
        },
      ];
    }),
};

const descriptorsNearLimit: Rule = {
  id: 'descriptors-near-limit',
  area: 'app',
  symptom: 'the app fails with "too many open files" (EMFILE)',
  looks: 'open file descriptors of each process of an app against its limit',
  probe: (facts) =>
    perApp(facts, (app) =>
      app.instances.flatMap((instance) =>
        instance.pids.flatMap((pid): Seen[] => {
          const found = descriptors(pid);
          if (found === null || found.open / found.limit < facts.bounds.descriptorShare) return [];
          return [
            {
              severity: 'warning',
              app: app.name,
              evidence: [`process ${pid} of ${instance.id} has ${found.open} files and sockets open, it may have ${found.limit}`],
              cause: 'it does not close what it opens, or serves more connections than its limit was made for',
              fix: `ls -l /proc/${pid}/fd | tail   # then a higher \`limits: { files: … }\` in berth.yaml, or close what is not needed`,
            },
          ];
        }),
      ),
    ),
};

const leftOver: Rule = {
  id: 'left-over-process',
  area: 'app',
  symptom: 'an old version of the program still runs: it holds a port, a lock or memory, and answers nobody',
  looks: 'processes that were started for an instance that no longer exists',
  async probe(facts) {
    const { journal } = facts;
    const daemon = await facts.daemon();
    // While the daemon is away, what should run is not all that may run.
    if (journal === null || daemon.state !== 'up' || !(await isMeantToRun(facts))) return [];
    const known = new Set(journal.instances.list().map(({ id }) => id));
    const open = new Set(journal.operations.open().map(({ id }) => `op${id}`));
    return facts.processes().flatMap((process): Seen[] => {
      const { instance, pid, startTime } = process;
      if (instance === null || known.has(instance)) return [];
      const [app = ''] = instance.split('.');
      // One-off commands are run.…, commands of an operation op<number>.….
      if (app === 'run' || open.has(app) || (facts.app !== null && app !== facts.app)) return [];
      if (readProcess(pid)?.startTime !== startTime) return [];
      return [
        {
          severity: 'warning',
          ...(/^op\d+$/.test(app) ? {} : { app }),
          evidence: [`${nameOf(process)} was started for ${instance}, which is gone`],
          cause: 'it left the process group of its instance (setsid, daemonize), so that it was not ended with it',
          fix: `kill ${pid}`,
          repair: {
            says: `end process ${pid} (${process.name}), which was left over by ${instance}`,
            run: async () => {
              if (readProcess(pid)?.startTime === startTime) globalThis.process.kill(pid, 'SIGTERM');
            },
          },
        },
      ];
    });
  },
};

export const appRunRules: readonly Rule[] = [
  crashLoop,
  notHealthy,
  outOfMemory,
  memoryNearLimit,
  killedHard,
  descriptorsNearLimit,
  leftOver,
];

const perInstance = (
  facts: Facts,
  look: (app: AppFact, instance: InstanceFact) => Promise<readonly Seen[]>,
): Promise<readonly Seen[]> =>
  perApp(facts, async (app) => (await Promise.all(app.instances.map((instance) => look(app, instance)))).flat());

/** Of instances of the release that serves: what an older one suffered from may be mended. */
const deathsOf = (events: readonly Event[], app: AppFact): readonly Event[] =>
  events.filter(({ name, app: of, fields }) => {
    const release = /\.(\d+)-[^.]*$/.exec(String(fields.instance))?.[1];
    return name === 'instance.died' && of === app.name && Number(release) === app.release;
  });

/** The last line that speaks of an error; else the last there is. */
const lastWords = async (facts: Facts, instance: InstanceFact): Promise<string | null> => {
  const lines = await facts.lines(instance, 60);
  const line = lines.findLast((text) => /error|exception|fatal|panic/i.test(text)) ?? lines.at(-1);
  return line === undefined ? null : line.trim().slice(0, 300);
};
