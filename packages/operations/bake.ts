import { judgeBake } from '@berth/core';
import type { Journal } from '@berth/journal';
import type { Bus } from './bus.ts';
import type { Engine } from './engine.ts';
import type { Traffic } from './traffic.ts';

/** A release that gets too few requests to be judged is let off after this time. */
const BAKE_LIMIT_MS = 3_600_000;
/** Caches are cold and code is not yet compiled: how fast it is shows later. Errors count from the first request. */
const WARM_UP_MS = 15_000;

/**
 * Looks at every release under watch: one that is clearly worse than its predecessor is taken back, by an operation like
 * any other. Called every second or so.
 */
export function watchBakes(deps: { journal: Journal; bus: Bus; engine: Engine; traffic: Traffic; now: () => Date }): void {
  const { journal, bus, engine, traffic } = deps;
  for (const { app, release, previous, startedAt, baseline } of journal.bakes.list()) {
    const startedMs = Date.parse(startedAt);
    const after = traffic.of(app, release, { sinceMs: startedMs, warmMs: startedMs + WARM_UP_MS });
    const { verdict, reason } = judgeBake(baseline, after);
    const isOver = deps.now().getTime() - startedMs > BAKE_LIMIT_MS;
    if (verdict === 'worse') {
      journal.bakes.end(app, 'returned', reason);
      bus.publish({ name: 'bake.worse', app, fields: { release, previous, reason, ...after } });
      engine.enqueue({ app, kind: 'rollback', by: 'berth', input: { to: previous, reason }, release: previous });
    } else if ((verdict === 'pass' && after.p95Ms !== null) || isOver) {
      journal.bakes.end(app, verdict === 'pass' ? 'passed' : 'ended', reason);
      bus.publish({ name: 'bake.passed', app, fields: { release, reason } });
    }
  }
}
