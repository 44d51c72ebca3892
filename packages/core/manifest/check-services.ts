import type { Checked, Names } from './check.ts';
import { isReservedVariable, reservedServices } from './names.ts';
import type { Finding } from './problem.ts';
import type { Draft } from './schema.ts';
import type { ServiceDraft } from './schema-service.ts';
import { findCycles } from './start-order.ts';
import { didYouMean } from './suggestion.ts';
import { checkTemplate, referencedStores } from './template.ts';

export const checkServices = (draft: Draft, names: Names): Checked => {
  const services = Object.entries(draft.services);
  return {
    mistakes: [
      ...services.flatMap(([name, service]) => checkService(name, service, names)),
      ...checkListens(draft),
      ...checkCycles(draft),
    ],
    warnings: services.flatMap(([name, service]) => warnOfSharedDatabase(name, service, draft)),
  };
};

const checkService = (name: string, service: ServiceDraft, names: Names): Finding[] => {
  const at = ['services', name];
  const findings: Finding[] = [];
  if (reservedServices.has(name)) {
    findings.push({
      path: at,
      message: `the service name \`${name}\` is kept for Berth itself`,
      suggestion: 'choose another',
      atKey: true,
    });
  }
  if (service.switch === 'handover' && service.instances > 1) {
    findings.push({
      path: [...at, 'instances'],
      message: 'a service with `switch: handover` has one instance: only one may own its data',
      suggestion: 'write `instances: 1`, or `switch: rolling`',
    });
  }
  const { health } = service;
  const ways = (['path', 'tcp', 'command'] as const).filter((way) => health[way] !== undefined);
  if (ways.length > 1) {
    findings.push({
      path: [...at, 'health', ways[1] ?? ''],
      message: `health is asked in one way, but both \`${ways[0]}\` and \`${ways[1]}\` are given`,
      suggestion: 'keep one of the two',
      atKey: true,
    });
  }
  return [...findings, ...checkEnv(at, service, names), ...checkSecrets(at, service), ...checkNeeds(at, service, names)];
};

const checkEnv = (at: string[], service: ServiceDraft, names: Names): Finding[] =>
  Object.entries(service.env).flatMap(([name, value]): Finding[] => {
    const path = [...at, 'env', name];
    if (isReservedVariable(name)) {
      const why = name.startsWith('STORE_') ? 'holds the path of a store' : 'is set by Berth for each instance';
      return [{ path, message: `\`${name}\` ${why}`, suggestion: insteadOf(name), atKey: true }];
    }
    if (typeof value === 'string' && value.includes('\0'))
      return [{ path, message: 'a variable cannot hold a NUL character', suggestion: null }];
    return checkTemplate(String(value), names).map(({ text, message, suggestion }) => ({
      path,
      message,
      suggestion,
      part: text,
    }));
  });

const insteadOf = (name: string): string => {
  if (name === 'PORT') return 'for a fixed address write `listen:`';
  if (name === 'HOST') return 'instances listen on 127.0.0.1, and the edge answers for them';
  return name === 'PATH' ? 'name programs by their path in `run`' : 'choose another name';
};

/** Each with the variables that it sets. */
export const secretList = (
  service: ServiceDraft,
): { name: string; as: 'env' | 'file' | 'both'; generate: boolean; key: string | number }[] =>
  Array.isArray(service.secrets)
    ? service.secrets.map((name, key) => ({ name, as: 'env' as const, generate: false, key }))
    : Object.entries(service.secrets).map(([name, options]) => ({ name, ...options, key: name }));

const checkSecrets = (at: string[], service: ServiceDraft): Finding[] => {
  const variables = new Map<string, string>(Object.keys(service.env).map((name) => [name, `\`env\` sets \`${name}\``]));
  const names = new Set<string>();
  return secretList(service).flatMap(({ name, as, key }): Finding[] => {
    const path = [...at, 'secrets', key];
    const atKey = typeof key === 'string';
    if (names.has(name))
      return [{ path, message: `the secret \`${name}\` is named twice`, suggestion: 'keep one of the two', atKey }];
    names.add(name);
    if (isReservedVariable(name))
      return [{ path, message: `\`${name}\` is set by Berth itself`, suggestion: 'choose another name', atKey }];
    const sets = [...(as === 'file' ? [] : [name]), ...(as === 'env' ? [] : [`${name}_FILE`])];
    const taken = sets.find((variable) => variables.has(variable));
    for (const variable of sets) variables.set(variable, `the secret \`${name}\` sets \`${variable}\``);
    return taken === undefined
      ? []
      : [
          {
            path,
            message: `the secret \`${name}\` sets the variable \`${taken}\`, which is taken`,
            suggestion: 'rename one of the two',
            atKey,
          },
        ];
  });
};

const checkNeeds = (at: string[], service: ServiceDraft, names: Names): Finding[] => {
  const known = [...names.services, ...names.stores];
  return service.needs.flatMap((need, index): Finding[] => {
    const path = [...at, 'needs', index];
    if (!known.includes(need))
      return [{ path, message: `there is no service or store \`${need.slice(0, 40)}\``, suggestion: didYouMean(need, known) }];
    if (names.services.includes(need) && names.stores.includes(need)) {
      return [{ path, message: `\`${need}\` is a service and a store`, suggestion: 'rename one of the two' }];
    }
    return service.needs.indexOf(need) < index
      ? [{ path, message: `\`${need}\` is named twice`, suggestion: 'keep one of the two' }]
      : [];
  });
};

const checkListens = (draft: Draft): Finding[] => {
  const owners = new Map<number, string>();
  return Object.entries(draft.services).flatMap(([name, { listen }]): Finding[] => {
    if (listen === undefined) return [];
    const owner = owners.get(listen);
    owners.set(listen, owner ?? name);
    if (owner === undefined) return [];
    return [
      {
        path: ['services', name, 'listen'],
        message: `port ${listen} is already the address of the service \`${owner}\``,
        suggestion: 'choose another',
      },
    ];
  });
};

const checkCycles = (draft: Draft): Finding[] =>
  findCycles(new Map(Object.entries(draft.services).map(([name, service]) => [name, service.needs]))).map((cycle) => {
    const [first = ''] = cycle;
    const needs = draft.services[first]?.needs ?? [];
    return {
      path: ['services', first, 'needs', needs.indexOf(cycle[1] ?? first)],
      message:
        cycle.length === 1 ? `\`${first}\` needs itself` : `these services wait for each other: ${[...cycle, first].join(' → ')}`,
      suggestion: 'remove one of these needs',
    };
  });

/** Accepted, because SQLite allows several processes; but whoever keeps state in memory beside it loses writes. */
const warnOfSharedDatabase = (name: string, service: ServiceDraft, draft: Draft): Finding[] => {
  if (service.switch === 'handover') return [];
  const databases = Object.keys(draft.stores).filter((store) => draft.stores[store]?.sqlite !== undefined);
  const named = (each: ServiceDraft) =>
    new Set([...each.needs, ...Object.values(each.env).flatMap((value) => referencedStores(String(value)))]);
  // Every service is told every store; where none says which it uses, all of them may.
  const anyNames = Object.values(draft.services).some((each) => databases.some((store) => named(each).has(store)));
  const used = databases.filter((store) => !anyNames || named(service).has(store));
  if (used.length === 0) return [];
  return [
    {
      path: ['services', name, 'switch'],
      message: `\`${name}\` is rolling: two releases of it have the database ${used.map((store) => `\`${store}\``).join(', ')} open during a deploy`,
      suggestion: 'if only one process may own the data, write `switch: handover`',
      atKey: true,
    },
  ];
};
