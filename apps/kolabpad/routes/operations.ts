/** For those who run the server: `/api/stats`, and, where they are switched on, diagnostics. Nobody else sees them. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TrustedProxies } from '@berth/kit';

export type OperationsOptions = {
  readonly stats: () => Record<string, number>;
  readonly hasDiagnostics: boolean;
  readonly operators: TrustedProxies;
  readonly addressOf: (remote: string | undefined, forwardedFor: string | string[] | undefined) => string;
};

export function operationsRoutes(app: FastifyInstance, options: OperationsOptions): void {
  const { stats, hasDiagnostics, operators, addressOf } = options;
  app.addHook('onRequest', (request: FastifyRequest, reply, done) => {
    const isOperator = operators.includes(addressOf(request.socket.remoteAddress, request.headers['x-forwarded-for']));
    if (isOperator) done();
    else reply.callNotFound();
  });

  app.get('/api/stats', (_request, reply) => reply.header('Cache-Control', 'no-store').send(stats()));
  if (!hasDiagnostics) return;
  app.get('/debug/runtime', (_request, reply) => {
    const resources: Record<string, number> = {};
    for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
    return reply.header('Cache-Control', 'no-store').send({
      memory: process.memoryUsage(),
      resources,
      uptimeSec: Math.floor(process.uptime()),
      versions: process.versions,
    });
  });
  app.get('/debug/heap', async (_request, reply) => {
    const { getHeapSnapshot } = await import('node:v8');
    return reply
      .headers({ 'Cache-Control': 'no-store', 'Content-Disposition': 'attachment; filename="kolabpad.heapsnapshot"' })
      .type('application/json')
      .send(getHeapSnapshot());
  });
}
