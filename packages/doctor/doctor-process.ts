/** Examines one home in a process of its own and prints the findings as JSON: what reads disks and waits is not the daemon's. */
import { setPriority } from 'node:os';
import { examine } from './examine.ts';
import { rules } from './rules.ts';

const [home = '', app = ''] = process.argv.slice(2);
const parent = process.ppid;
setPriority(10);
// Nobody reads what it finds once the daemon has gone.
setInterval(() => process.ppid !== parent && process.exit(1), 500).unref();
// Whether it could be brought back is another question than why it did not come up.
const asked = rules.filter(({ area }) => area !== 'backup');
const { findings } = await examine({ home, uid: process.getuid?.() ?? 0, app: app || null, rules: asked });
process.stdout.write(JSON.stringify(findings), () => process.exit(0));
