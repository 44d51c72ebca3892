import { asBerthError } from '@berth/core';
import { startAgainIfCompiled } from './compiled.ts';
import { readEnv, startReportFile } from './env.ts';
import { runDaemon } from './start.ts';
import { createStartReport } from './start-report.ts';

/** berthd: started by the first command that needs it, and by an init system on a server. */
startAgainIfCompiled();
const report = createStartReport(startReportFile());
try {
  process.exit(await runDaemon(readEnv(), report));
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
