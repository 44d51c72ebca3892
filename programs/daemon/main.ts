import { asBerthError } from '@berth/core';
import { readEnv, startReportFile } from './env.ts';
import { runDaemon } from './start.ts';
import { createStartReport } from './start-report.ts';

/** berthd: started by the first command that needs it, and by an init system on a server. */
const report = createStartReport(startReportFile());
try {
  await runDaemon(readEnv(), report);
  process.exit(0);
} catch (cause) {
  const error = asBerthError(cause);
  report.failed(error);
  console.error(
    JSON.stringify({
      time: new Date(),
      level: 'error',
      event: 'daemon.failed',
      ...error.toJSON(),
      stack: (cause as Error).stack,
    }),
  );
  process.exit(1);
}
