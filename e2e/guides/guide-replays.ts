/** The guides that are replayed, and where. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '@berth/testing';
import { buildPage } from '../../apps/kolabpad/page/build.ts';
import { cloneBluejay } from '../bluejay/clone.ts';
import { cloneKolabpad } from '../kolabpad/clone.ts';
import { bluejaySteps } from './bluejay/steps.ts';
import { kolabpadSteps } from './kolabpad/steps.ts';
import { openMachinePlace } from './machine-place.ts';
import { openProcessPlace } from './process-place.ts';
import type { GuideApp, Place, Step } from './step.ts';

type OpenPlace = () => Promise<Place & AsyncDisposable>;
type GuideSource = GuideApp & AsyncDisposable;

export type GuideReplay = {
  readonly steps: readonly Step[];
  /** The whole guide is replayed in each, as far as it can. */
  readonly places: Readonly<Record<Place['kind'], OpenPlace>>;
};

/** From the directory of an app to the top of its repository. */
const repositoryOf = (app: string): string => dirname(dirname(app));

/** Its packages and its page come along: what its own build fetches and makes is tried where Kolabpad itself is. */
async function kolabpadSource(): Promise<GuideSource> {
  await using built = await temporaryDirectory('kolabpad-page-');
  const clone = await cloneKolabpad('prepared');
  await buildPage({ sha: '', logLevel: 'error', outputDirectory: built.join('dist') });
  execFileSync('tar', ['-cf', join(clone.app, 'built.tar'), 'dist'], { cwd: built.path });
  const manifest = join(clone.app, 'berth.yaml');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('mkdir -p dist/assets', 'tar -xf built.tar'));
  return {
    ...{ app: 'kolabpad', directory: clone.app, repository: repositoryOf(clone.app), database: 'db/kolabpad.db' },
    port: { printed: 3030, here: clone.port },
    [Symbol.asyncDispose]: () => clone[Symbol.asyncDispose](),
  };
}

async function bluejaySource(): Promise<GuideSource> {
  const clone = await cloneBluejay();
  return {
    ...{ app: 'bluejay', directory: clone.app, repository: repositoryOf(clone.app), database: 'db/bluejay.db' },
    port: { printed: 28_090, here: clone.port },
    [Symbol.asyncDispose]: () => clone[Symbol.asyncDispose](),
  };
}

const placesOf = (openSource: () => Promise<GuideSource>): GuideReplay['places'] => ({
  process: () => openOn(openSource, openProcessPlace),
  machine: () => openOn(openSource, openMachinePlace),
});

async function openOn(
  openSource: () => Promise<GuideSource>,
  openPlace: (app: GuideApp) => Promise<Place & AsyncDisposable>,
): Promise<Place & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const place = opened.use(await openPlace(opened.use(await openSource())));
  const stack = opened.move();
  return { ...place, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

export const guideReplays: Readonly<Record<'kolabpad' | 'bluejay', GuideReplay>> = {
  kolabpad: { steps: kolabpadSteps, places: placesOf(kolabpadSource) },
  bluejay: { steps: bluejaySteps, places: placesOf(bluejaySource) },
};
