import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execOk, freeBytes, type SystemUser, writeFileAtomic } from '@berth/host';
import type { InstanceSpec, InstanceStatus } from '@berth/runtime';
import { SHUTDOWN, type StepContext, type StepDefinition } from '../engine.ts';
import { buildTimeEnvironment } from '../environment.ts';
import { buildFailed, diskFloor, sourceInvalid } from '../errors.ts';
import { readLastLines } from '../logs/last-lines.ts';
import { appDirectory, toolDirectories } from '../release-directory.ts';
import { hasSource, sourceFile, unpackSource } from '../sources.ts';
import type { StepDeps } from './deps.ts';
import { inputOf } from './memory.ts';
import { followOutput } from './output.ts';

/** The content address of a build: the same source and the same command give the same result. */
export const buildAddress = (source: string, command: string | null): string =>
  createHash('sha256')
    .update(`${source}\n${command ?? ''}\n${process.versions.node}`)
    .digest('hex')
    .slice(0, 32);

const STOP_MS = 2_000;

const buildId = (context: StepContext) => `op${context.id}.build`;
const readyMarker = (builds: string, build: string) => join(builds, `${build}.ready`);
export const isBuilt = (builds: string, build: string) =>
  stat(readyMarker(builds, build)).then(
    () => true,
    () => false,
  );

/**
 * Unpacks the source and runs the build command, in the directory where it will run: some tools write absolute paths into
 * what they make. The builder is nobody else's user and is given no secret.
 */
export function buildStep(deps: StepDeps): StepDefinition {
  const { layout, driver } = deps;
  return {
    name: 'build',
    async run(context) {
      const { build = '', source = '', manifest } = inputOf(context);
      const { builds } = layout.app(context.app);
      if (await isBuilt(builds, build)) return `unchanged: build ${build.slice(0, 12)} used again`;
      if (!(await hasSource(layout.sources, source))) throw sourceInvalid('it is no longer kept');
      const directory = join(builds, build);
      const builder = await deps.users.builder();
      await checkDisk(deps, builds);
      const command = manifest?.build ?? null;
      const status = await driver.status(buildId(context));
      if (status.state === 'absent') await unpack(sourceFile(layout.sources, source), directory, builder);
      if (command !== null) {
        const [cwd, tools] = [appDirectory(directory, manifest ?? {}), toolDirectories(directory, manifest ?? {})];
        await runBuild(deps, context, { command, directory, cwd, tools, builder });
      }
      await seal(directory, await deps.users.app(context.app));
      await writeFileAtomic(
        readyMarker(builds, build),
        `${JSON.stringify({ source, command, at: deps.now().toISOString() })}\n`,
        0o600,
      );
      await driver.forget(buildId(context));
      return `build ${build.slice(0, 12)}`;
    },
    async undo(context) {
      await driver.stop(buildId(context), { stopSignal: 'SIGTERM', withinMs: STOP_MS });
      await driver.forget(buildId(context));
      const { build = '' } = inputOf(context);
      const { builds } = layout.app(context.app);
      if (build !== '' && !(await isBuilt(builds, build))) await rm(join(builds, build), { recursive: true, force: true });
    },
  };
}

/** Below the floor a build could fill the disk of everything that runs. */
export async function checkDisk({ build }: Pick<StepDeps, 'build'>, directory: string): Promise<void> {
  const free = await freeBytes(directory);
  if (free < build.diskFloorBytes) throw diskFloor(directory, free, build.diskFloorBytes);
}

async function unpack(file: string, directory: string, owner: SystemUser | null): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { mode: 0o700 });
  if (owner) await chown(directory, owner.uid, owner.gid);
  await unpackSource(file, directory, owner);
}

type Build = { command: string; directory: string; cwd: string; tools: readonly string[]; builder: SystemUser | null };

async function runBuild(deps: StepDeps, context: StepContext, { command, directory, cwd, tools, builder }: Build): Promise<void> {
  const { driver, layout, build } = deps;
  const id = buildId(context);
  const home = layout.builder;
  await mkdir(home, { recursive: true, mode: 0o700 });
  if (builder) await chown(home, builder.uid, builder.gid);
  const logFile = join(layout.app(context.app).logs, `${id}.log`);
  const { nodeDirectory: node, systemPath: path } = deps;
  const spec: InstanceSpec = {
    id,
    argv: ['/bin/sh', '-c', command],
    cwd,
    env: { ...deps.network, ...buildTimeEnvironment({ app: context.app, home, node, tools, path }) },
    user: builder,
    limits: { memoryBytes: build.memoryBytes, cpu: null, files: 65_536 },
    logFile,
    priority: 'low',
    kind: 'build',
    app: context.app,
    service: null,
    writable: [directory, home],
    secretFiles: {},
    // What it makes may be served by the edge.
    shared: true,
    stop: { signal: 'SIGTERM', withinMs: STOP_MS },
  };
  await driver.start(spec, context.signal);
  using _output = followOutput(deps, context, logFile);
  const late = AbortSignal.timeout(build.withinMs);
  const status = await driver.exited(id, AbortSignal.any([context.signal, late])).catch(async (cause: unknown) => {
    // A daemon that stops leaves the build to the next one; whoever cancels or waits in vain ends it.
    if (context.signal.reason !== SHUTDOWN) await driver.stop(id, { stopSignal: 'SIGTERM', withinMs: STOP_MS });
    if (late.aborted && !context.signal.aborted) return 'late' as const;
    throw cause;
  });
  const reason =
    status === 'late' ? `took longer than ${build.withinMs / 60_000} minutes` : explainExit(status, build.memoryBytes);
  if (reason) throw buildFailed(context.app, reason, readLastLines(logFile, 15), logFile);
}

/** null when the command succeeded. */
export function explainExit(status: InstanceStatus, memoryBytes: number | null): string | null {
  if (status.state !== 'exited') return 'left no exit code';
  if (status.outOfMemory)
    return `needed more memory than its limit${memoryBytes ? ` of ${Math.round(memoryBytes / 1e6)} MB` : ''}`;
  if (status.exitCode === 0) return null;
  return status.signal ? `was ended by ${status.signal}` : `exited with code ${status.exitCode}`;
}

/** From here on nobody can change it, and only its own app can read it. */
async function seal(directory: string, user: SystemUser | null): Promise<void> {
  if (!user) return;
  await execOk(['chown', '--recursive', '--no-dereference', `root:${user.gid}`, directory]);
  await execOk(['chmod', '--recursive', 'g+rX,g-w,o-w', directory]);
  await chmod(directory, 0o750);
}
