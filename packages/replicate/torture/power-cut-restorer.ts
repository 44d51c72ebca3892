/** Brings back the latest state and ends: `node power-cut-restorer.ts TARGET INTO`. */
import { createDirectoryTarget, restore } from '../index.ts';

const [target = '', into = ''] = process.argv.slice(2);
await restore({ target: createDirectoryTarget(target), database: 'app', to: 'latest', into });
