/** The entry point: `node programs/cli/main.ts …`, run by the launcher. */
import { renderVersion } from './commands/version.ts';

const words = process.argv.slice(2);
const isAlone = words.length === 1 || (words.length === 2 && words[1] === '--json');

// Answered without loading anything: it is what scripts and people ask first.
if (isAlone && ['version', '--version', '-V'].includes(words[0] ?? ''))
  process.stdout.write(renderVersion(words[1] === '--json'));
else await (await import('./start.ts')).start(words);
