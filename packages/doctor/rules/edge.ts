/** The front door. */
import { isLoopback, listeningPorts, ownerOfPort } from '@berth/host';
import { ask } from '../facts/ask.ts';
import type { Facts } from '../facts/facts.ts';
import { nameOf, type SeenProcess } from '../facts/processes.ts';
import type { Rule, Seen } from '../finding.ts';
import { isMeantToRun, startCommand } from './platform.ts';

const edgePortTaken: Rule = {
  id: 'edge-port-taken',
  area: 'edge',
  symptom: 'the edge does not start: "address already in use"; another program answers in its place',
  looks: 'who listens on the HTTP and HTTPS ports of the platform',
  async probe(facts) {
    if (!(await isMeantToRun(facts))) return [];
    return portsOf(facts).flatMap((port): Seen[] => {
      const owner = foreignOwner(facts, port);
      if (owner === null) return [];
      return [
        {
          severity: 'problem',
          evidence: [`port ${port} is held by ${owner}`],
          cause: 'another program listens where the edge should',
          fix: `ss -ltnp 'sport = :${port}'   # stop that program, or move the edge: berth up --http PORT --https PORT`,
        },
      ];
    });
  },
};

const edgeDown: Rule = {
  id: 'edge-down',
  area: 'edge',
  symptom: 'connections to every site are refused',
  looks: 'whether the edge has a process, and what the daemon says of it',
  async probe(facts) {
    if (!(await isMeantToRun(facts)) || portsOf(facts).some((port) => foreignOwner(facts, port) !== null)) return [];
    const processes = edgeProcesses(facts);
    const told = (await facts.status())?.edge.state;
    if (processes.length > 0 && told !== 'down') return [];
    const daemon = await facts.daemon();
    return [
      {
        severity: 'problem',
        evidence: [
          processes.length === 0
            ? 'no process of the edge is alive'
            : `its processes: ${processes.map(({ pid }) => pid).join(', ')}`,
          ...(told ? [`the daemon says that it is ${told}`] : [`the daemon is ${daemon.state}`]),
        ],
        cause:
          daemon.state === 'up'
            ? 'the edge cannot be started again'
            : 'the edge has ended, and no daemon is there to start it again',
        fix: daemon.state === 'up' ? `tail -n 20 ${facts.layout.edge}/haproxy.log` : startCommand(facts),
      },
    ];
  },
};

const edgeSilent: Rule = {
  id: 'edge-silent',
  area: 'edge',
  symptom: 'connections to every site are accepted and never answered',
  looks: 'a request to the edge itself, for a name that no app has',
  async probe(facts) {
    const processes = edgeProcesses(facts);
    const place = facts.edgePlace('doctor.invalid');
    if (!(await isMeantToRun(facts)) || place === null || processes.length === 0) return [];
    const plain = { ...place, tls: false, port: facts.settings?.httpPort ?? place.port };
    const answer = await ask(plain, '/', { timeoutMs: facts.bounds.answerMs });
    if (answer.kind === 'answer' || answer.code === 'ECONNRESET') return [];
    const stopped = processes.filter(({ state }) => state === 'T');
    return [
      {
        severity: 'problem',
        evidence: [
          `http://${plain.address}:${plain.port}/ was not answered within ${facts.bounds.answerMs / 1_000} s (${answer.code})`,
          `processes of the edge: ${processes.map(({ pid, state }) => `${pid} (${state})`).join(', ')}`,
        ],
        cause: stopped.length > 0 ? 'the edge was stopped (SIGSTOP)' : 'the edge is alive and does not answer',
        fix:
          stopped.length > 0
            ? `kill -CONT ${stopped.map(({ pid }) => pid).join(' ')}`
            : `kill -9 ${processes.map(({ pid }) => pid).join(' ')} && ${startCommand(facts)}`,
      },
    ];
  },
};

const publicListener: Rule = {
  id: 'public-listener',
  area: 'edge',
  symptom: 'a program can be reached from outside without going through the edge',
  looks: 'on which addresses the processes of apps and stores listen',
  async probe(facts) {
    const edge = new Set(edgeProcesses(facts).map(({ pid }) => pid));
    const apps = await facts.apps();
    return facts
      .processes()
      .filter((process) => process.isOurs && !edge.has(process.pid))
      .flatMap((process): Seen[] => {
        const open = listeningPorts([process.pid]).filter(({ address }) => !isLoopback(address));
        if (open.length === 0) return [];
        const app = apps.find(({ instances }) => instances.some(({ id }) => id === process.instance))?.name;
        if (facts.app !== null && app !== facts.app) return [];
        return [
          {
            severity: 'warning',
            ...(app === undefined ? {} : { app }),
            evidence: open.map(
              ({ address, port }) =>
                `${nameOf(process)} listens on ${address === '::' || address === '0.0.0.0' ? 'every address' : address}, port ${port}`,
            ),
            cause:
              'it does not listen on loopback alone: limits, TLS and logs of the edge can be gone round where no firewall closes the port',
            fix: `listen on $HOST (127.0.0.1) instead of every address, then: berth deploy   # until then: berth harden`,
          },
        ];
      });
  },
};

export const edgeRules: readonly Rule[] = [edgePortTaken, edgeDown, edgeSilent, publicListener];

const portsOf = ({ settings }: Facts): readonly number[] =>
  settings === null ? [] : [settings.httpPort, settings.httpsPort].filter((port) => port !== null);

/** Master and workers of HAProxy. */
const edgeProcesses = (facts: Facts): readonly SeenProcess[] =>
  facts.processes().filter(({ name, isOurs }) => isOurs && name === 'haproxy');

/** null when the edge listens there, when nobody does, and when it cannot be told who. */
const foreignOwner = (facts: Facts, port: number): string | null => {
  const owner = ownerOfPort(port);
  if (owner === null || owner.process === null || !isOneOf(facts.settings?.addresses ?? [], owner.address)) return null;
  const process = facts.processes().find(({ pid }) => pid === owner.process?.pid);
  if (process?.isOurs && process.name === 'haproxy') return null;
  return process === undefined ? `${owner.process.name} (process ${owner.process.pid})` : nameOf(process);
};

/** Whether one of these addresses and that one cannot both be listened on. */
const isOneOf = (addresses: readonly string[], taken: string): boolean =>
  addresses.some((address) => address === taken || ['0.0.0.0', '::'].includes(taken) || ['0.0.0.0', '::'].includes(address));
