import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, sayings, serviceOf, warningsOf, withService } from './expectations.ts';
import type { Service } from './model.ts';

const plain: Omit<Service, 'run' | 'name'> = {
  instances: 1,
  switch: 'rolling',
  networked: true,
  listen: null,
  health: { check: { kind: 'tcp' }, everyMs: 5_000, timeoutMs: 3_000, fails: 3, startMs: 30_000 },
  stop: { signal: 'SIGTERM', withinMs: 30_000 },
  limits: { memoryBytes: null, cpu: null, files: 65_536 },
  env: {},
  secrets: [],
  needs: [],
};

const accepted: { name: string; lines: string; expected: Partial<Service> }[] = [
  { name: 'nothing but a command has every default', lines: '', expected: { ...plain, run: 'node web.ts' } },
  { name: 'as many instances as asked', lines: 'instances: 64', expected: { instances: 64 } },
  { name: 'handover', lines: 'switch: handover', expected: { switch: 'handover' } },
  {
    name: 'health by path, in short',
    lines: 'health: /healthz?deep=1',
    expected: { health: { ...plain.health, check: { kind: 'http', path: '/healthz?deep=1' } } },
  },
  {
    name: 'health by path',
    lines: 'health: { path: /up }',
    expected: { health: { ...plain.health, check: { kind: 'http', path: '/up' } } },
  },
  { name: 'health by connection, in short', lines: 'health: tcp', expected: { health: plain.health } },
  { name: 'health by connection', lines: 'health: { tcp: true }', expected: { health: plain.health } },
  {
    name: 'health by command',
    lines: 'health: { command: test -f up }',
    expected: { health: { ...plain.health, check: { kind: 'command', run: 'test -f up' } } },
  },
  {
    name: 'times of health alone, which keep its default way',
    lines: 'health: { every: 1m, timeout: 1500ms, fails: 1, start: 2m }',
    expected: { health: { check: { kind: 'tcp' }, everyMs: 60_000, timeoutMs: 1_500, fails: 1, startMs: 120_000 } },
  },
  { name: 'another signal', lines: 'stop: { signal: SIGINT }', expected: { stop: { signal: 'SIGINT', withinMs: 30_000 } } },
  { name: 'ten minutes to stop', lines: 'stop: { within: 10m }', expected: { stop: { signal: 'SIGTERM', withinMs: 600_000 } } },
  {
    name: 'limits in decimal units',
    lines: 'limits: { memory: 1.5GB, cpu: 0.5, files: 1024 }',
    expected: { limits: { memoryBytes: 1_500_000_000, cpu: 0.5, files: 1024 } },
  },
  {
    name: 'limits in binary units',
    lines: 'limits: { memory: 512MiB }',
    expected: { limits: { memoryBytes: 536_870_912, cpu: null, files: 65_536 } },
  },
  {
    name: 'variables as they are written',
    lines: 'env: { A: text, B: 7, C: 1.10, D: true, E: 0644, F: "", G: 12345678901234567890, H: TRUE, I: "1.10", J: 1e3 }',
    expected: {
      env: {
        A: 'text',
        B: '7',
        C: '1.10',
        D: 'true',
        E: '0644',
        F: '',
        G: '12345678901234567890',
        H: 'TRUE',
        I: '1.10',
        J: '1e3',
      },
    },
  },
  {
    name: 'references, which are resolved later',
    lines: 'env: { A: "${stores.db.path}" }',
    expected: { env: { A: '${stores.db.path}' } },
  },
  {
    name: 'variables called like parts of a prototype',
    lines: 'env: { constructor: a, toString: b }',
    expected: { env: { constructor: 'a', toString: 'b' } as never },
  },
  {
    name: 'a list of secrets',
    lines: 'secrets: [A, B]',
    expected: {
      secrets: [
        { name: 'A', as: 'env', generate: false },
        { name: 'B', as: 'env', generate: false },
      ],
    },
  },
  {
    name: 'secrets with options',
    lines: 'secrets: { A: { as: file, generate: true }, B: {} }',
    expected: {
      secrets: [
        { name: 'A', as: 'file', generate: true },
        { name: 'B', as: 'env', generate: false },
      ],
    },
  },
  { name: 'a port of its own', lines: 'listen: 3030', expected: { listen: 3030, networked: true } },
  { name: 'needs, of which stores are no services', lines: 'needs: [mailer, db]', expected: { needs: ['mailer'] } },
];
for (const { name, lines, expected } of accepted) {
  test(`a service may have ${name}`, () => {
    const service = serviceOf(lines);
    for (const [key, value] of Object.entries(expected)) assert.deepEqual(service[key as keyof Service], value, key);
  });
}

const refused: { name: string; lines: string; says: string }[] = [
  { name: 'no instances', lines: 'instances: 0', says: 'expected a number of instances from 1 to 64, not `0`' },
  { name: 'half an instance', lines: 'instances: 1.5', says: 'expected a number of instances from 1 to 64, not `1.5`' },
  { name: 'a number as text', lines: 'instances: "2"', says: 'expected a number of instances from 1 to 64, not `2`' },
  {
    name: 'handover with two instances',
    lines: 'switch: handover\ninstances: 2',
    says: 'a service with `switch: handover` has one instance: only one may own its data (write `instances: 1`, or `switch: rolling`)',
  },
  {
    name: 'an unknown switch',
    lines: 'switch: handvoer',
    says: 'expected `rolling` or `handover`, not `handvoer` (did you mean `handover`?)',
  },
  {
    name: 'a health word that is none',
    lines: 'health: http',
    says: 'expected a path such as /healthz, `tcp`, or a mapping, not `http`',
  },
  {
    name: 'a health path with a space',
    lines: 'health: /a b',
    says: 'expected a path such as /healthz, `tcp`, or a mapping, not `/a b`',
  },
  {
    name: 'health in two ways',
    lines: 'health: { path: /, command: x }',
    says: 'health is asked in one way, but both `path` and `command` are given (keep one of the two)',
  },
  { name: 'health that is asked not to connect', lines: 'health: { tcp: false }', says: 'expected `true`, not `false`' },
  {
    name: 'a duration without unit',
    lines: 'health: { every: 5 }',
    says: 'expected a duration such as 30s or 5m, not `5` (write `5s`)',
  },
  {
    name: 'a duration that is too long',
    lines: 'stop: { within: 1h }',
    says: 'expected a duration such as 30s or 5m from 100ms to 10m, not `1h`',
  },
  {
    name: 'a signal that cannot be handled',
    lines: 'stop: { signal: SIGKILL }',
    says: 'expected one of SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, not `SIGKILL`',
  },
  {
    name: 'a size without unit',
    lines: 'limits: { memory: 512 }',
    says: 'expected a size such as 512MB or 1GiB, not `512` (write `512MB`)',
  },
  {
    name: 'less memory than a process needs',
    lines: 'limits: { memory: 10KB }',
    says: 'expected a size such as 512MB or 1GiB from 1MB to 1000TB, not `10KB`',
  },
  { name: 'no processor', lines: 'limits: { cpu: 0 }', says: 'expected a number of cores from 0.1 to 64, not `0`' },
  {
    name: 'a variable with a dash',
    lines: 'env: { A-B: 1 }',
    says: 'expected a variable name of letters, digits and underscores, not `A-B` (write `A_B`)',
  },
  {
    name: 'a variable without a value',
    lines: 'env: { A: }',
    says: 'expected text, a number or a boolean (`NAME: ""` for an empty value), not nothing',
  },
  {
    name: 'its own PORT',
    lines: 'env: { PORT: 80 }',
    says: '`PORT` is set by Berth for each instance (for a fixed address write `listen:`)',
  },
  {
    name: 'its own HOST',
    lines: 'env: { HOST: 0.0.0.0 }',
    says: '`HOST` is set by Berth for each instance (instances listen on 127.0.0.1, and the edge answers for them)',
  },
  {
    name: 'its own PATH',
    lines: 'env: { PATH: /bin }',
    says: '`PATH` is set by Berth for each instance (name programs by their path in `run`)',
  },
  {
    name: 'a variable of Berth',
    lines: 'env: { BERTH_HOME: x }',
    says: '`BERTH_HOME` is set by Berth for each instance (choose another name)',
  },
  {
    name: 'the variable of a store',
    lines: 'env: { STORE_DB: x }',
    says: '`STORE_DB` holds the path of a store (choose another name)',
  },
  {
    name: 'a reference to nothing',
    lines: 'env: { A: "${stores.bd}" }',
    says: '`${stores.bd}` refers to a store that this manifest does not have (did you mean `stores.db`?)',
  },
  { name: 'one secret twice', lines: 'secrets: [A, A]', says: 'the secret `A` is named twice (keep one of the two)' },
  {
    name: 'a secret and a variable of one name',
    lines: 'env: { A: 1 }\nsecrets: [A]',
    says: 'the secret `A` sets the variable `A`, which is taken (rename one of the two)',
  },
  {
    name: 'a secret file and a variable of one name',
    lines: 'env: { A_FILE: 1 }\nsecrets: { A: { as: file } }',
    says: 'the secret `A` sets the variable `A_FILE`, which is taken (rename one of the two)',
  },
  { name: 'a secret of Berth', lines: 'secrets: [BERTH_KEY]', says: '`BERTH_KEY` is set by Berth itself (choose another name)' },
  {
    name: 'a secret given in no known way',
    lines: 'secrets: { A: { as: bth } }',
    says: 'expected `env`, `file` or `both`, not `bth` (did you mean `both`?)',
  },
  {
    name: 'the value of a secret',
    lines: 'secrets: { A: hunter2 }',
    says: 'expected a mapping with `as` and `generate`, not `hunter2`',
  },
  { name: 'a privileged port', lines: 'listen: 80', says: 'expected a port from 1024 to 65535, not `80`' },
  {
    name: 'needs as a word',
    lines: 'needs: db',
    says: 'expected a list of services and stores, such as [db], not `db` (write `[db]`)',
  },
  { name: 'needs of nobody', lines: 'needs: [mialer]', says: 'there is no service or store `mialer` (did you mean `mailer`?)' },
  { name: 'one need twice', lines: 'needs: [db, db]', says: '`db` is named twice (keep one of the two)' },
  { name: 'itself as a need', lines: 'needs: [web]', says: '`web` needs itself (remove one of these needs)' },
  {
    name: 'a key of the app',
    lines: 'build: x',
    says: 'unknown key `build` (known here: run, instances, switch, health, stop, limits, env, secrets, listen, needs)',
  },
  {
    name: 'an image, yet',
    lines: 'image: nginx',
    says: '`image`: this version of Berth does not do container images yet (remove it for now)',
  },
  {
    name: 'metrics, yet',
    lines: 'metrics: /metrics',
    says: '`metrics`: this version of Berth does not do scraping metrics of services yet (remove it for now)',
  },
];
for (const { name, lines, says } of refused) {
  test(`a service may not have ${name}`, () => assert.deepEqual(sayings(problemsOf(withService(lines))), [says]));
}

const wholes: { name: string; text: string; says: string }[] = [
  {
    name: 'two services at one port',
    text: 'app: x\nservices: { a: { run: a, listen: 3000 }, b: { run: b, listen: 3000 } }',
    says: 'port 3000 is already the address of the service `a` (choose another)',
  },
  {
    name: 'a service called build',
    text: 'app: x\nservices: { build: a }',
    says: 'the service name `build` is kept for Berth itself (choose another)',
  },
  {
    name: 'a service name with capitals',
    text: 'app: x\nservices: { Web_App: a }',
    says: 'expected a service name of lower-case letters, digits and hyphens, beginning with a letter, at most 30 long, not `Web_App` (write `web-app`)',
  },
  {
    name: 'an empty command',
    text: 'app: x\nservices: { web: "  " }',
    says: 'expected a command, or a mapping with `run`, not `  `',
  },
  {
    name: 'a service that is nothing',
    text: 'app: x\nservices: { web: }',
    says: 'expected a command, or a mapping with `run`, not nothing',
  },
  {
    name: 'a service without a command',
    text: 'app: x\nservices: { web: { instances: 2 } }',
    says: '`run` is missing: a shell command',
  },
  {
    name: 'a command that is a list',
    text: 'app: x\nservices: { web: { run: [node, x] } }',
    says: 'expected a shell command, not a list',
  },
  {
    name: 'services in a list',
    text: 'app: x\nservices: [web]',
    says: 'expected a mapping of service names to what they run, such as { web: node server.ts }, not a list',
  },
];
for (const { name, text, says } of wholes) {
  test(`an app may not have ${name}`, () => assert.deepEqual(sayings(problemsOf(text)), [says]));
}

test('a name that a service and a store share cannot be needed', () => {
  const text = 'app: x\nservices: { db: a, web: { run: b, needs: [db] } }\nstores: { db: { sqlite: x.db } }';
  assert.deepEqual(sayings(problemsOf(text)), ['`db` is a service and a store (rename one of the two)']);
});

const warned: { name: string; lines: string; services: string[] }[] = [
  { name: 'every rolling service when none says which database it uses', lines: 'instances: 2', services: ['mailer', 'web'] },
  { name: 'only the one that names the database in a variable', lines: 'env: { A: "${stores.db.url}" }', services: ['web'] },
  { name: 'only the one that needs the database', lines: 'needs: [db]', services: ['web'] },
  { name: 'nobody when the one with the database is handed over', lines: 'needs: [db]\nswitch: handover', services: [] },
];
for (const { name, lines, services } of warned) {
  test(`rolling beside a database warns ${name}`, () => {
    assert.deepEqual(
      warningsOf(withService(lines)).map(({ path }) => path),
      services.map((service) => `services.${service}.switch`),
    );
  });
}
