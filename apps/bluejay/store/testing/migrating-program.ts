/** A process of its own that migrates to a next release whose steps take a while: `node migrating-program.ts <file>`. */
import { createLog } from '@berth/kit';
import { migrate } from '../migrate.ts';
import { openDatabase } from '../open-database.ts';
import { NEXT_RELEASE } from './next-release.ts';

const [file = ''] = process.argv.slice(2);
const database = openDatabase(file);
process.stdout.write('opened\n');
const report = await migrate(database, { log: createLog({ level: 'error', format: 'json' }), schema: NEXT_RELEASE });
process.stdout.write(`${JSON.stringify(report.applied)}\n`);
database.close();
