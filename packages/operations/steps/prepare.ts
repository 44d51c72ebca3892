import { createHash } from 'node:crypto';
import { compareManifests, formatCommit, type Manifest } from '@berth/core';
import type { ReleaseRow } from '@berth/journal';
import type { StepContext, StepDefinition } from '../engine.ts';
import { publishFiles } from '../public-files.ts';
import type { StepDeps } from './deps.ts';
import { inputOf, memoryOf } from './memory.ts';

/** Makes the release: a build with a manifest and the configuration of this moment, under the app's next number. */
export function prepareReleaseStep(deps: StepDeps): StepDefinition {
  const { journal } = deps;
  return {
    name: 'prepare',
    async run(context) {
      const current = currentRelease(deps, context.app);
      if (!isDecided(context)) decideRelease(deps, context, current);
      const { target = 0, unchanged } = memoryOf(context);
      if (unchanged && target === 0) return 'kept for the next start';
      const release = journal.releases.get(context.app, target);
      if (unchanged) return `release ${target}${otherCommit(context, release)} is the same and serves already`;
      await giveAddresses(deps, context, release.manifest);
      const files = await publishFiles(deps.layout, context.app, release);
      return `release ${target}${files > 0 ? `, ${files} files for the edge` : ''}`;
    },
    async undo(context) {
      const { target, unchanged } = memoryOf(context);
      if (target === undefined || unchanged) return;
      takeAddressesBack(deps, context);
      if (journal.releases.find(context.app, target)?.state === 'new') journal.releases.setState(context.app, target, 'failed');
    },
  };
}

/** A rollback's release is there already. */
export function findReleaseStep(deps: StepDeps): StepDefinition {
  const { journal } = deps;
  return {
    name: 'prepare',
    async run(context) {
      const { to } = inputOf(context);
      const current = currentRelease(deps, context.app);
      const target = journal.releases.get(context.app, to ?? current?.number ?? 0);
      context.setRelease(target.number);
      const changes = current ? describeChanges(current, target) : [];
      context.remember({ target: target.number, previousRelease: current?.number ?? null, changes });
      await giveAddresses(deps, context, target.manifest);
      return `release ${target.number}, made ${target.createdAt.slice(0, 16).replace('T', ' ')}`;
    },
    undo: async (context) => takeAddressesBack(deps, context),
  };
}

export function currentRelease({ journal }: Pick<StepDeps, 'journal'>, app: string): ReleaseRow | undefined {
  const number = journal.apps.find(app)?.release ?? null;
  return number === null ? undefined : journal.releases.get(app, number);
}

const isDecided = (context: StepContext) => memoryOf(context).target !== undefined || memoryOf(context).unchanged === true;

function decideRelease(deps: StepDeps, context: StepContext, current: ReleaseRow | undefined): void {
  const { journal } = deps;
  const { app, by } = context;
  const input = inputOf(context);
  const { kind } = journal.operations.get(context.id);
  // An app that does not run has nothing to change: whatever starts it next takes the configuration of that moment.
  if (kind === 'configure' && journal.apps.get(app).state !== 'running') return context.remember({ unchanged: true });
  // A change of configuration alone keeps build and manifest.
  const manifest = input.manifest ?? current?.manifest;
  const build = input.build ?? current?.build;
  const commit = input.manifest ? (input.commit ?? null) : (current?.commit ?? null);
  if (!manifest || !build) throw new Error(`operation ${context.id} has neither a manifest nor a release to take it from`);
  const variables = journal.configuration.variables(app);
  const secrets = Object.fromEntries(journal.configuration.secrets(app).map((secret) => [secret.name, secret.version]));
  // Without the commit: another one with the same files is no reason to replace what runs.
  const digest = createHash('sha256')
    .update(JSON.stringify([build, manifest, variables, secrets]))
    .digest('hex');
  const previousRelease = current?.number ?? null;
  if (current?.digest === digest) {
    context.setRelease(current.number);
    return context.remember({ target: current.number, previousRelease, unchanged: !input.force && servesWell(deps, app) });
  }
  journal.transaction(() => {
    const content = { app, digest, build, commit, manifest, variables, secrets, by, changes: [] as string[] };
    const changes = current ? describeChanges(current, content) : ['first release'];
    const { number } = journal.releases.add({ ...content, changes });
    context.setRelease(number);
    context.remember({ target: number, previousRelease, changes });
  });
}

/** Of a release that was made from another commit with the same files: from which. */
const otherCommit = (context: StepContext, { commit }: ReleaseRow): string => {
  const { commit: sent } = inputOf(context);
  return commit && sent && formatCommit(commit) !== formatCommit(sent) ? ` (${formatCommit(commit)})` : '';
};

/** Everything that should serve does: deploying the same once more would change nothing. */
function servesWell({ journal, supervisor }: StepDeps, app: string): boolean {
  const row = journal.apps.get(app);
  if (row.state !== 'running' || row.release === null) return false;
  const serving = journal.instances.list({ app }).filter((it) => it.want === 'serving' && it.release === row.release);
  const { manifest } = journal.releases.get(app, row.release);
  return manifest.services.every((service) => {
    const healthy = serving.filter((it) => it.service === service.name && supervisor.watch(it.id)?.health === 'healthy');
    return healthy.length >= (row.scale[service.name] ?? service.instances);
  });
}

type Content = Pick<ReleaseRow, 'build' | 'manifest' | 'variables' | 'secrets'>;

/** Never a value: variables and secrets are named only. */
function describeChanges(before: Content, after: Content): string[] {
  const differing = <T>(a: Readonly<Record<string, T>>, b: Readonly<Record<string, T>>) =>
    [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]).toSorted();
  return [
    ...(before.build === after.build ? [] : [`build ${before.build.slice(0, 12)} → ${after.build.slice(0, 12)}`]),
    ...compareManifests(before.manifest, after.manifest),
    ...differing(before.variables, after.variables).map((name) => `variable ${name} changed`),
    ...differing(before.secrets, after.secrets).map((name) => `secret ${name} changed`),
  ];
}

/** Every service that takes requests has a stable port before its instances start: they may speak to each other through it. */
async function giveAddresses({ journal, ports }: StepDeps, context: StepContext, manifest: Manifest): Promise<void> {
  const { app } = context;
  for (const { name, networked, listen } of manifest.services) {
    if (!networked) continue;
    const current = journal.apps.address(app, name);
    if (listen !== null && current !== listen) {
      journal.transaction(() => {
        const former = { ...memoryOf(context).formerAddresses, ...(current === undefined ? {} : { [name]: current }) };
        context.remember({ formerAddresses: former });
        journal.apps.setAddress(app, name, listen);
      });
    } else if (current === undefined) {
      await ports.lease((port) => journal.apps.setAddress(app, name, port));
    }
  }
}

function takeAddressesBack({ journal }: StepDeps, context: StepContext): void {
  for (const [name, port] of Object.entries(memoryOf(context).formerAddresses ?? {}))
    journal.apps.setAddress(context.app, name, port);
}
