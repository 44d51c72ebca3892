/** A process of its own that saves, for tests that end it in the middle: `node writer-program.ts <file> <seed> [how many]`. */
import { createRandom } from '@berth/testing';
import { blogTag, product, productCategory } from '../../types/index.ts';
import type { AnyRecord } from '../content-type.ts';
import { randomDraft } from './random-draft.ts';
import { openTestContent } from './test-content.ts';

const [file = '', seed = '1', howMany = 'Infinity'] = process.argv.slice(2);
const BY = { id: 1, name: 'Ada' };
const random = createRandom(Number(seed));

const { content, database } = await openTestContent({ file });
const ids = (type: string): readonly number[] => content.list(content.type(type), { perPage: 100 }).records.map(({ id }) => id);
if (ids(productCategory.name).length === 0) content.create(productCategory, randomDraft(productCategory, { random, ids }), BY);

/** What was printed was committed. */
const committed = ({ id, version }: { readonly id: number; readonly version: number }): void => {
  process.stdout.write(`${id} ${version}\n`);
};

for (let saved = 0; saved < Number(howMany); saved++) {
  const known = content.list(product, { perPage: 10 }).records as readonly unknown[] as readonly AnyRecord[];
  const record = random.boolean(0.3) || known.length === 0 ? undefined : random.pick(known);
  const draft = randomDraft(product, { random, ids, rows: (list) => record?.children[list] ?? [] });
  if (record === undefined) committed(content.create(product, draft, BY));
  else if (known.length > 8) content.remove(product, record.id, BY);
  else committed(content.update(product, record.id, draft, { version: record.version, actor: BY }));
  if (random.boolean(0.1)) content.create(blogTag, { fields: { name: random.text(24) } }, BY);
}
database.close();
